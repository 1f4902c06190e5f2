import HymbaCheckpoints
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

/// The recorded file has four layers, and a fifth that predicts a further token.
@Suite("Layers of GGUF files that predict further tokens")
struct GGUFFurtherLayerTests {
  private static let path = Fixture.path("gguf", "nemotron-h-mtp/nemotron-h-mtp-f32.gguf")
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func export(_ path: String, to name: String, layout: String? = nil) throws -> [String] {
    let options = ModelExport.Options(
      output: folder.file(name), layout: layout, jobs: 2, creator: "test", now: "2026-01-01T00:00:00Z")
    return try ModelExport(FamilyFixture.open(path), options).write().notes.map(\.description)
  }

  @Test("they are kept, nothing computes with them, and a note says it")
  func opened() throws {
    let model = try FamilyFixture.open(Self.path)
    #expect(model.architecture?.layers.count == 4)
    #expect(model.description.carried.count { $0.hasPrefix("blk.4.") } == 16)
    #expect(
      model.assumptions.contains(
        "a GGUF file may hold layers that predict further tokens, here blk.4: the tensors are kept, and nothing computes with them"))
  }

  @Test("the way through a container to a GGUF file loses nothing of them", arguments: [false, true])
  func there(_ throughContainer: Bool) throws {
    var path = Self.path
    if throughContainer {
      let model = try FamilyFixture.open(path)
      let kept = try KeptAttachments(of: model, files: true, reference: true)
      path = folder.file("m.hymba")
      try ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "test").write(
        model.parameters, model.description, with: kept.attachments, to: path)
    }
    let notes = try export(path, to: "back.gguf")
    #expect(!notes.contains { $0.contains("left out") })
    let (back, original) = (try GGUFSource(folder.file("back.gguf")), try GGUFSource(Self.path))
    #expect(Set(back.tensors.map { $0 }) == Set(original.tensors.map { $0 }))
    for tensor in original.tensors {
      #expect(try back.storedData(of: tensor) == original.storedData(of: tensor), "\(tensor.name)")
    }
    for name in original.keys.names { #expect(back.keys[name]?.text == original.keys[name]?.text, "\(name)") }
    #expect(try FamilyFixture.open(folder.file("back.gguf")).architecture == FamilyFixture.open(Self.path).architecture)
  }

  @Test("a layout that has no place for them leaves them out by name, but not what is kept beside A_log")
  func left() throws {
    let notes = try export(Self.path, to: "m", layout: "hf-nemotron-h")
    let left = notes.filter { $0.contains("left out") }
    #expect(left.count == 1 && left.allSatisfy { $0.hasPrefix("16 tensors of which the model computes nothing") }, "\(notes)")
  }

  @Test("a layer behind the last is no part of the model where no key says what it is")
  func untold() throws {
    let source = try GGUFSource(Self.path)
    let path = folder.file("m.gguf")
    let count = "nemotron_h_moe.nextn_predict_layers"
    let listed = ["feed_forward_length", "attention.head_count_kv", "block_count"].map { "nemotron_h_moe." + $0 }
    try GGUFWriter.write(
      source, as: { _ in .f32 },
      keys: source.keys.entries { $0 != count && !listed.contains($0) } + [
        GGUFEntry(listed[0], [0, 12, 0, 12] as [Int32]),
        GGUFEntry(listed[1], [0, 0, 2, 0] as [Int32]), GGUFEntry(listed[2], UInt32(4)),
      ], to: path, replace: false, jobs: 1)
    #expect(FamilyFixture.message(opening: path).contains("blk.4."))
  }
}
