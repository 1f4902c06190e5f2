import HymbaCheckpoints
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Exports as GGUF")
struct GGUFExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func export(
    _ path: String, to name: String, _ storage: GGUFStorage? = nil, layout: String? = nil
  ) throws -> ExportOutcome {
    var options = ModelExport.Options(
      output: folder.file(name), layout: layout, jobs: 2, creator: "test", now: "2026-01-01T00:00:00Z")
    options.storage = storage
    return try ModelExport(FamilyFixture.open(path), options).write()
  }

  @Test(
    "every tensor has the type and the bytes that llama.cpp's converter gives it",
    arguments: [
      ("jamba-tiny", "jamba-tiny-f32", GGUFStorage.f32), ("jamba-tiny", "jamba-tiny-q8_0", .q8_0),
      ("falcon-h1-tiny", "falcon-h1-tiny-f32", .f32), ("bamba-tiny", "bamba-tiny-bf16", .bf16),
      ("nemotron-h-tiny", "nemotron-h-tiny-f16", .f16),
    ])
  func converter(_ set: String, _ stem: String, _ storage: GGUFStorage) throws {
    try export(Fixture.folder(set), to: "m.gguf", storage)
    let (made, recorded) = (
      try GGUFSource(folder.file("m.gguf")), try GGUFSource(Fixture.path("gguf", "\(set)/\(stem).gguf"))
    )
    #expect(Set(made.tensors.map { $0 }) == Set(recorded.tensors.map { $0 }))
    for tensor in recorded.tensors {
      #expect(made.storedType(of: tensor) == recorded.storedType(of: tensor), "\(tensor.name)")
      let bytes = try (made.storedData(of: tensor), recorded.storedData(of: tensor))
      if tensor.name.hasSuffix("ssm_a") {
        // The exponential of PyTorch is within one unit in the last place.
        #expect(try Self.units(bytes.0, bytes.1) <= 1, "\(tensor.name)")
      } else {
        #expect(bytes.0 == bytes.1, "\(tensor.name)")
      }
    }
  }

  /// The largest difference of two rows of F32 in units in the last place.
  private static func units(_ a: [UInt8], _ b: [UInt8]) throws -> Int {
    try #require(a.count == b.count)
    func bits(_ bytes: [UInt8]) -> [Int] {
      stride(from: 0, to: bytes.count, by: 4).map { start in
        (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
      }
    }
    return zip(bits(a), bits(b)).map { abs($0 - $1) }.max() ?? 0
  }

  @Test(
    "the keys say the model, so that the file alone gives its architecture back",
    arguments: [
      "jamba-tiny", "bamba-tiny", "granite-hybrid-tiny", "nemotron-h-tiny", "mamba-tiny", "mamba2-tiny",
    ])
  func keys(_ set: String) throws {
    try export(Fixture.folder(set), to: "m.gguf", .f32)
    let (made, original) = (
      try FamilyFixture.open(folder.file("m.gguf")), try FamilyFixture.open(Fixture.folder(set))
    )
    #expect(made.architecture == original.architecture)
    #expect(made.layout.name == "gguf-" + (original.layout.name.dropFirst("hf-".count)))
    // llama.cpp refuses a list of another length than the embedding's.
    let tokens = try GGUFSource(folder.file("m.gguf")).keys["tokenizer.ggml.tokens"]
    guard case .array(let list)? = tokens else { return #expect(Bool(false), "there is no list of tokens") }
    #expect(list.count == original.architecture?.input.size)
  }

  /// The set has rotary positions, factors and biases, and limits of the time step, for which GGUF has no place.
  @Test("what a GGUF file cannot hold is said, and comes back with the original's config.json")
  func untold() throws {
    let source = Fixture.folder("granite-hybrid-options")
    let outcome = try export(source, to: "m.gguf", .f32)
    #expect(
      outcome.notes.contains {
        $0.description
          == "a GGUF file has no place for the limits of the time step, 0.03 to 0.4, so llama.cpp computes without, and gives other logits"
      })
    let original = try FamilyFixture.open(source).architecture
    #expect(try FamilyFixture.open(folder.file("m.gguf")).architecture != original)
    let completed = try FamilyFixture.open(folder.file("m.gguf"), configuration: source + "/config.json")
    #expect(completed.architecture == original)
  }

  @Test(
    "BF16 checkpoints come back bit for bit by way of a GGUF file of F32",
    arguments: ["jamba-tiny", "falcon-h1-tiny", "bamba-tiny", "granite-hybrid-tiny", "nemotron-h-tiny", "mamba2-tiny"])
  func roundTrip(_ set: String) throws {
    let source = Fixture.folder(set)
    let original = try ModelCast(FamilyFixture.open(source), Cast(to: .bfloat16)).model
    var options = ModelExport.Options(
      output: folder.file("m.gguf"), jobs: 2, creator: "test", now: "2026-01-01T00:00:00Z")
    options.storage = .f32
    _ = try ModelExport(original, options).write()
    let made = try FamilyFixture.open(folder.file("m.gguf"), configuration: source + "/config.json")
    let back = try ModelCast(made, Cast(to: .bfloat16)).model
    var differing: [String] = []
    for tensor in original.parameters.tensors {
      let other = try #require(back.parameters.tensors[tensor.name])
      if try back.parameters.bytes(of: other) != original.parameters.bytes(of: tensor) {
        differing.append(tensor.name)
      }
    }
    #expect(differing == [])
  }

  @Test("the keys of a GGUF file that is written again are kept")
  func keptKeys() throws {
    let path = Fixture.path("gguf", "jamba-tiny/jamba-tiny-q8_0.gguf")
    let outcome = try export(path, to: "m.gguf")
    let (made, original) = (try GGUFSource(folder.file("m.gguf")), try GGUFSource(path))
    for name in original.keys.names { #expect(made.keys[name]?.text == original.keys[name]?.text, "\(name)") }
    #expect(made.tensors.allSatisfy { made.storedType(of: $0) == original.storedType(of: $0) })
    #expect(!outcome.notes.contains { $0.description.contains("placeholders") })
  }

  @Test("a container keeps the keys too, so that the way through one gives the same file")
  func throughContainer() throws {
    let path = Fixture.path("gguf", "jamba-tiny/jamba-tiny-q8_0.gguf")
    let model = try FamilyFixture.open(path)
    let kept = try KeptAttachments(of: model, files: true, reference: true)
    try ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "test").write(
      model.parameters, model.description, with: kept.attachments, to: folder.file("m.hymba"))
    try export(path, to: "direct.gguf", .q8_0)
    try export(folder.file("m.hymba"), to: "back.gguf", .q8_0)
    #expect(try folder.read("back.gguf") == folder.read("direct.gguf"))
    let (back, original) = (try GGUFSource(folder.file("back.gguf")), try GGUFSource(path))
    for tensor in original.tensors {
      #expect(try back.storedData(of: tensor) == original.storedData(of: tensor), "\(tensor.name)")
    }
  }

  @Test("a model that llama.cpp does not run is refused, with where people ask for it")
  func otherModels() {
    for (set, title) in [("hymba-nvidia-tiny", "a Hymba"), ("zamba2-tiny", "a Zamba2")] {
      #expect {
        try export(Fixture.folder(set), to: "m.gguf")
      } throws: { error in
        "\(error)".contains("llama.cpp has no architecture for \(title)") && "\(error)".contains("8795")
          && !FileSystem.exists(folder.file("m.gguf"))
      }
    }
  }

  @Test("a file that may not be lost is neither replaced nor left half")
  func notReplaced() throws {
    try export(Fixture.folder("mamba-tiny"), to: "m.gguf")
    let before = try folder.read("m.gguf")
    #expect(throws: (any Error).self) { try export(Fixture.folder("jamba-tiny"), to: "m.gguf") }
    #expect(try folder.read("m.gguf") == before)
  }
}
