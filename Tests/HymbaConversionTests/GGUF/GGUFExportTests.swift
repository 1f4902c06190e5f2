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
      ("falcon-h1-tiny", "falcon-h1-tiny-f32", .f32), ("falcon-mamba-tiny", "falcon-mamba-tiny-f32", .f32),
      ("bamba-tiny", "bamba-tiny-bf16", .bf16),
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
      "jamba-tiny", "bamba-tiny", "granite-hybrid-tiny", "nemotron-h-tiny", "mamba-tiny",
      "falcon-mamba-tiny", "mamba2-tiny",
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

  /// The set has an inner epsilon that is not that of its layers.
  @Test("an epsilon for which GGUF has no place is said, and comes back with the original's config.json")
  func innerEpsilon() throws {
    let source = Fixture.folder("falcon-mamba-options")
    for layout in [nil, "gguf-mamba"] {
      let outcome = try export(source, to: "m-\(layout ?? "").gguf", .f32, layout: layout)
      #expect(
        outcome.notes.contains {
          $0.description
            == "a GGUF file has no place for the epsilon of the norms of dt, B and C, 0.25, so llama.cpp takes that of the other norms, 0.001, and gives other logits"
        })
      let path = folder.file("m-\(layout ?? "").gguf")
      #expect(try FamilyFixture.open(path).layout.name == "gguf-falcon-mamba")
      #expect(
        try FamilyFixture.open(path).architecture?.layers[0].mamba?.innerNorms == .weightless(epsilon: 1e-3))
      let completed = try FamilyFixture.open(path, configuration: source + "/config.json")
      #expect(try completed.architecture == FamilyFixture.open(source).architecture)
    }
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
    let outcome = try export(folder.file("m.hymba"), to: "back.gguf")
    #expect(
      outcome.notes.map(\.description).contains(
        "the type is Q8_0, as it was in the GGUF file that the source was made of; --dtype names another one"))
    #expect(try folder.read("back.gguf") == folder.read("direct.gguf"))
    let (back, original) = (try GGUFSource(folder.file("back.gguf")), try GGUFSource(path))
    for tensor in original.tensors {
      #expect(try back.storedData(of: tensor) == original.storedData(of: tensor), "\(tensor.name)")
    }
  }

  /// The file has Q4_K, Q6_K and F16, and the file type 15.
  @Test("a type that is not written is said, with those that are", arguments: [false, true])
  func unwrittenType(throughContainer: Bool) throws {
    var path = Fixture.path("gguf", "jamba-wide/jamba-wide-q4_k_m.gguf")
    if throughContainer {
      let model = try FamilyFixture.open(path)
      let kept = try KeptAttachments(of: model, files: true, reference: true)
      path = folder.file("m.hymba")
      try ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "test").write(
        model.parameters, model.description, with: kept.attachments, to: path)
    }
    let notes = try export(path, to: "m.gguf").notes.map(\.description)
    let why =
      throughContainer
      ? "the GGUF file that the source was made of had the file type Q4_K_M"
      : "the source stores its matrices as F16, Q4_K and Q6_K"
    #expect(
      notes.contains(
        "\(why): the matrices are written as F32; name BF16, F16 or Q8_0 with --dtype, or make another type of the file with llama-quantize"
      ), "\(notes)")
    let made = try GGUFSource(folder.file("m.gguf"))
    #expect(made.tensors.allSatisfy { made.storedType(of: $0) == nil })
  }

  @Test("what llama.cpp does with the file is said")
  func llamaCpp() throws {
    let notes = try export(Fixture.folder("bamba-tiny"), to: "m.gguf").notes.map(\.description)
    #expect(
      notes.contains(
        "granitehybrid.rope.dimension_count rotates 4 of 8 channels of a head, and llama.cpp takes other pairs of them than the original: its logits differ, and those that are computed here are the original's"
      ), "\(notes)")
  }

  @Test("llama.cpp's names are for .gguf files alone", arguments: ["m", "m/", "m.safetensors"])
  func otherForms(_ name: String) {
    let found = message { try export(Fixture.folder("jamba-tiny"), to: name, layout: "gguf-jamba") }
    let shown = name == "m/" ? "m" : name
    #expect(
      found == "the layout gguf-jamba is that of GGUF files, and “\(shown)” would be none; name it “m.gguf”")
  }

  // MARK: Losses

  /// A recorded set with other numbers in one tensor.
  private func changed(
    _ set: String, _ tensor: String, _ change: @escaping (inout [Float]) -> Void
  ) throws -> ChangedCheckpoint {
    try ChangedCheckpoint(set) { entries in
      let index = try #require(entries.firstIndex { $0.name == tensor })
      let entry = entries[index]
      var values = entry.bytes.raw.floats
      change(&values)
      entries[index] = .init(tensor, .float32, entry.dimensions, values.littleEndianBytes)
    }
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "done"
    } catch { return "\(error)" }
  }

  private static let embedding = "model.embed_tokens.weight"

  /// The set has 64 rows of 32 numbers in the embedding, all of them F32 and none of them 0.
  @Test(
    "numbers that become zero or infinite are counted, and more than 1 % of a tensor's are refused",
    arguments: [
      (GGUFStorage.f16, Float(2e-8), 21, "F16"), (.f16, 2e-8, 20, ""), (.q8_0, 2e-8, 32, "Q8_0"),
      // A number is not lost in a block that holds larger ones.
      (.q8_0, 2e-8, 31, ""), (.bf16, 2e-8, 64 * 32, ""), (.f32, 2e-8, 64 * 32, ""),
    ])
  func flushed(_ storage: GGUFStorage, _ value: Float, _ count: Int, _ type: String) throws {
    let source = try changed("jamba-tiny", Self.embedding) { values in
      for index in 0..<count { values[index] = value }
    }
    let found = message { try export(source.path, to: "m.gguf", storage) }
    let expected =
      "\(source.path): \(count) of the 2048 nonzero values of “token_embd.weight” become zero in \(type), and at most 1 % of a tensor's may"
    #expect(found.hasSuffix(type == "" ? "done" : expected), "\(found)")
    #expect(FileSystem.exists(folder.file("m.gguf")) == (type == ""))
  }

  @Test("a loss that is accepted is a note")
  func acceptedLoss() throws {
    let source = try changed("jamba-tiny", Self.embedding) { values in
      values[5] = 7e4
      for index in 64..<128 { values[index] = 1e-9 }
    }
    var options = ModelExport.Options(
      output: folder.file("m.gguf"), jobs: 2, creator: "test", now: "2026-01-01T00:00:00Z")
    options.storage = .f16
    let refused = message { _ = try ModelExport(FamilyFixture.open(source.path), options).write() }
    #expect(refused.hasSuffix("1 finite value becomes infinite in F16, in “token_embd.weight”, and none may"))
    options.acceptsLoss = true
    let notes = try ModelExport(FamilyFixture.open(source.path), options).write().notes.map(\.description)
    #expect(
      notes.contains("lost in the cast, as was allowed: 1 finite value became infinite in F16, in “token_embd.weight”"))
    #expect(
      notes.contains(
        "lost in the cast, as was allowed: 64 of the 2048 nonzero values of “token_embd.weight” became zero in F16"))
  }

  @Test(
    "a number from whose computation it does not come back is refused by name and value",
    arguments: [
      ("jamba-tiny", "model.layers.0.mamba.A_log", Float(89), "-exp of it, is -inf"),
      ("jamba-tiny", "model.layers.0.mamba.A_log", -200, "-exp of it, is -0.0"),
      ("jamba-tiny", "model.layers.0.mamba.A_log", .nan, "-exp of it, is -nan"),
      ("falcon-h1-tiny", "model.embed_tokens.weight", 3e38, "that times 1.7, is inf"),
    ])
  func doesNotComeBack(_ set: String, _ name: String, _ value: Float, _ what: String) throws {
    let source = try changed(set, name) { $0[3] = value }
    let found = message { try export(source.path, to: "m.gguf", .f32) }
    let parameter = name.dropFirst("model.".count)
    #expect(
      found.contains(
        "element 3 of “\(parameter)” is \(value), and what the layout holds in its place, \(what) in F32, from which it does not come back"
      ), "\(found)")
    #expect(!FileSystem.exists(folder.file("m.gguf")))
  }

  @Test("an infinite decay is read as the decay of no model")
  func infiniteDecay() throws {
    let source = try GGUFSource(Fixture.path("gguf", "jamba-tiny/jamba-tiny-f32.gguf"))
    var entries = try source.tensors.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    let index = try #require(entries.firstIndex { $0.name == "blk.0.ssm_a" })
    let infinity = [-Float.infinity].littleEndianBytes
    entries[index] = .init(
      "blk.0.ssm_a", .float32, entries[index].dimensions, infinity + entries[index].bytes.dropFirst(4))
    try GGUFWriter.write(
      MemorySource(entries), as: { _ in .f32 }, keys: source.keys.entries { _ in true }, to: folder.file("m.gguf"),
      replace: false, jobs: 1)
    let model = try FamilyFixture.open(folder.file("m.gguf"))
    let tensor = try #require(model.parameters.tensors["layers.0.mamba.A_log"])
    #expect(
      message { _ = try model.parameters.bytes(of: tensor) }.contains(
        "gives element 0 of what the checkpoint holds in its place, -inf: it is -exp of a number, and so finite and below 0"
      ))
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
