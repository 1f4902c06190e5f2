import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Round trips of the wider family")
struct WiderFamilyRoundTripTests {
  @Test(
    "a checkpoint comes back from a container bit for bit, with what the model ignores",
    arguments: [
      ("zamba2-tiny", "hf-zamba2"), ("zamba2-options", "hf-zamba2"),
      ("falcon-h1-tiny", "hf-falcon-h1"), ("falcon-h1-options", "hf-falcon-h1"),
      ("bamba-tiny", "hf-bamba"), ("bamba-options", "hf-bamba"),
      ("granite-hybrid-tiny", "hf-granite-hybrid"), ("granite-hybrid-options", "hf-granite-hybrid"),
      ("nemotron-h-tiny", "hf-nemotron-h"), ("nemotron-h-options", "hf-nemotron-h"),
      ("mamba-tiny", "hf-mamba"), ("mamba-options", "hf-mamba"),
      ("falcon-mamba-tiny", "hf-falcon-mamba"), ("falcon-mamba-options", "hf-falcon-mamba"), ("mamba2-tiny", "hf-mamba2"),
      ("mamba2-options", "hf-mamba2"), ("recomputed/zamba2-older-names", "hf-zamba2"),
      ("recomputed/granite-hybrid-memory-names", "hf-granite-hybrid-memory"),
    ])
  func container(_ set: String, _ layout: String) throws {
    try FamilyFixture.expectRoundTrip(Fixture.folder(set), through: layout)
  }

  @Test(
    "what the model ignores goes along to another layout of the family",
    arguments: ["hf-nemotron-h-stacked", "hf-nemotron-h-model", "hf-nemotron-h-model-stacked"])
  func carried(_ layout: String) throws {
    let model = try FamilyFixture.open(Fixture.folder("nemotron-h-options"))
    let exported = try model.exported(to: layout)
    #expect(model.description.carried.count == 11)
    for name in model.description.carried {
      let tensor = try #require(exported.tensors[name])
      let original = try #require(model.parameters.tensors[name])
      #expect(try exported.bytes(of: tensor) == model.parameters.bytes(of: original))
    }
  }

  @Test("what a layout has no place for is left out by name")
  func left() throws {
    let folder = try TemporaryFolder()
    let model = try FamilyFixture.open(Fixture.folder("nemotron-h-options"))
    let outcome = try ModelExport(
      model,
      ModelExport.Options(
        output: folder.file("m.safetensors"), layout: "hymba", jobs: 1, creator: "test", now: "")
    ).write()
    #expect(
      outcome.notes.map(\.description).contains(
        "11 tensors of which the model computes nothing are left out, as the layout has no place for them: mtp.layers.0.eh_proj.weight and 10 more"
      ))
  }
}
