import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// A container that was written when manifests had the variant of the names as a sentence alone.
@Suite("A container of version 1.0 with a variant of names")
struct OlderContainerTests {
  @Test("gives the names of its source back, bit for bit")
  func export() throws {
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.path("older-container", "model.hymba")]), OpeningOptions())
    #expect(model.container?.manifest.formatVersion == "1.0")
    #expect(
      model.layout.variant
        == NameVariant(
          prefix: "net.", copies: ["lm_head.weight"],
          wrapped: ["net.model.layers.*": "_orig_mod"]))
    let source = try SafetensorsSource(Fixture.path("older-container", "model.safetensors"))
    let back = try model.exported(to: "nvidia-hymba")
    #expect(Set(back.tensors) == Set(source.tensors) && source.tensors.count == 42)
    for tensor in source.tensors {
      #expect(try back.bytes(of: tensor) == source.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("is the same model as its source opened now")
  func fingerprint() throws {
    let paths = ["model.hymba", "model.safetensors"].map { Fixture.path("older-container", $0) }
    let models = try paths.map { try OpenedModel.open(ModelInput(paths: [$0]), OpeningOptions()) }
    #expect(models[0].layout == models[1].layout && models[0].architecture == models[1].architecture)
    #expect(
      try Fingerprint.compute(of: models[0].parameters, jobs: 2)
        == Fingerprint.compute(of: models[1].parameters, jobs: 2))
  }
}
