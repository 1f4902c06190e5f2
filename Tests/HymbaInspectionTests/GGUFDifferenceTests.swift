import HymbaCheckpoints
import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaInspection

@Suite("Differences of a model and its GGUF file")
struct GGUFDifferenceTests {
  private func difference(_ a: String, _ b: String, _ configuration: String? = nil) throws -> CheckpointDifference {
    try CheckpointDifference(CheckpointPair.open(a, b, settlingBy: configuration), jobs: 2)
  }

  private func words(_ tensor: TensorDifference) -> String {
    "\(tensor.status.rawValue): \(tensor.explanation?.detail ?? "nothing")"
  }

  private static let logarithm = "retyped: log(exp(A_log)), as -exp(A_log) is stored"

  @Test(
    "a file of the converter has nothing but its roundings",
    arguments: [
      ("jamba-tiny", "jamba-tiny-f32", [logarithm]),
      (
        "jamba-tiny", "jamba-tiny-q8_0",
        [logarithm, "retyped: rounded to F16", "retyped: rounded to Q8_0 as llama.cpp's converter rounds"]
      ),
      ("bamba-tiny", "bamba-tiny-bf16", [logarithm, "retyped: rounded to BF16"]),
      ("nemotron-h-tiny", "nemotron-h-tiny-f16", [logarithm, "retyped: rounded to F16"]),
    ])
  func converted(_ set: String, _ stem: String, _ expected: [String]) throws {
    let file = Fixture.path("gguf", "\(set)/\(stem).gguf")
    let difference = try difference(Fixture.folder(set), file)
    let changed = difference.tensors.filter { $0.status != .same }
    #expect(Set(changed.map(words)) == Set(expected))
    #expect(difference.layers?.changed == [])
    for tensor in changed where !tensor.name.hasSuffix("A_log") { #expect(tensor.explanation?.exact == true) }
    let back = try self.difference(file, Fixture.folder(set))
    #expect(back.tensors.allSatisfy { $0.status == .same || $0.status == .retyped })
    #expect(back.tensors.count { $0.status == .same } == difference.tensors.count { $0.status == .same })
  }

  @Test("the error of a quantised tensor is beside the least one")
  func least() throws {
    let difference = try difference(
      Fixture.folder("jamba-tiny"), Fixture.path("gguf", "jamba-tiny/jamba-tiny-q8_0.gguf"))
    for tensor in difference.tensors where tensor.storedTypes.b == "Q8_0" {
      let (change, least) = try (#require(tensor.size?.relativeChange), #require(tensor.leastChange))
      #expect(least > 0 && least <= change && change < 1.01 * least, "\(tensor.name)")
    }
    #expect(difference.tensors.allSatisfy { ($0.leastChange != nil) == ($0.storedTypes.b == "Q8_0") })
  }

  @Test("a container of a quantised file says no types, and its roundings are found all the same")
  func container() throws {
    let folder = try TemporaryFolder()
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.path("gguf", "jamba-tiny/jamba-tiny-q8_0.gguf")]), OpeningOptions())
    try ContainerWriter(compression: .none, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: folder.file("m.hymba"))
    let difference = try difference(Fixture.folder("jamba-tiny"), folder.file("m.hymba"))
    #expect(difference.tensors.allSatisfy { $0.status == .same || $0.status == .retyped })
  }

  private static let falcon = Fixture.path("gguf", "falcon-h1-tiny/falcon-h1-tiny-f32.gguf")

  @Test("multipliers that are folded into weights are named")
  func multipliers() throws {
    let difference = try difference(Fixture.folder("falcon-h1-tiny"), Self.falcon)
    let expected = [
      "embed_tokens.weight": "times 1.7, the embedding_multiplier",
      "lm_head.weight": "times 0.45, the lm_head_multiplier",
      "layers.0.attention.q_proj.weight": "times 1.15, the attention_in_multiplier",
      "layers.1.attention.k_proj.weight": "times 0.65, the key_multiplier, and times 1.15, the attention_in_multiplier",
      "layers.2.ffn.down_proj.weight": "times 0.6, the second of mlp_multipliers",
      "layers.3.mamba.in_proj.weight":
        "times 1.25, the ssm_in_multiplier, and its rows times 0.9, 0.8, 0.7, 1.2 and 1.1, the ssm_multipliers",
    ]
    for tensor in difference.tensors {
      guard let detail = expected[tensor.name] else { continue }
      #expect(tensor.explanation == Explanation(.scale, detail, exact: true), "\(tensor.name)")
    }
    #expect(difference.tensors.allSatisfy { $0.status == .same || $0.explanation != nil })
  }

  @Test("with the original's configuration nothing but rounding is left of the multipliers")
  func configured() throws {
    let difference = try difference(
      Fixture.folder("falcon-h1-tiny"), Self.falcon, Fixture.path("falcon-h1-tiny", "config.json"))
    #expect(difference.tensors.allSatisfy { $0.status == .same || $0.status == .retyped })
    #expect(difference.pair.remarks.isEmpty)
  }

  // MARK: Faults

  /// The words for a parameter of a file with one fault.
  private func fault(
    _ set: String, _ file: String, _ parameter: String, _ configuration: String? = nil,
    _ change: (inout [String: BrokenGGUF.Tensor]) throws -> Void
  ) throws -> String {
    let broken = try BrokenGGUF(file, change)
    let difference = try difference(Fixture.folder(set), broken.path, configuration)
    return words(try #require(difference.tensors.first { $0.name == parameter }))
  }

  private static let jamba = "jamba-tiny/jamba-tiny-f32.gguf"

  @Test("multipliers that are folded twice, or not at all, are named")
  func folded() throws {
    let (set, file) = ("falcon-h1-tiny", "falcon-h1-tiny/falcon-h1-tiny-f32.gguf")
    let (name, parameter) = ("blk.0.attn_q.weight", "layers.0.attention.q_proj.weight")
    let configuration = Fixture.path(set, "config.json")
    func twice(_ tensors: inout [String: BrokenGGUF.Tensor]) {
      let values = tensors[name]?.values ?? []
      tensors[name]?.values = values.map { $0 * 1.15 }
    }
    #expect(
      try fault(set, file, parameter, nil, twice) == "changed: times 1.15, the attention_in_multiplier, twice")
    #expect(
      try fault(set, file, parameter, configuration, twice)
        == "changed: times 1.15, the attention_in_multiplier")
    let original = try BrokenGGUF.original(set, "model.layers.0.self_attn.q_proj.weight")
    #expect(
      try fault(set, file, parameter, configuration) { $0[name]?.values = original }
        == "changed: the first is the second times 1.15, the attention_in_multiplier")
  }

  /// 3e38 times 1.7 is infinite in F32.
  @Test("an infinity in the place of a large number is no rounding", arguments: [false, true])
  func infinity(isConfigured: Bool) throws {
    let original = try ChangedCheckpoint("falcon-h1-tiny") { entries in
      let index = try #require(entries.firstIndex { $0.name == "model.embed_tokens.weight" })
      let entry = entries[index]
      entries[index] = .init(
        entry.name, entry.type, entry.dimensions, [Float(3e38)].littleEndianBytes + entry.bytes.dropFirst(4))
    }
    let broken = try BrokenGGUF("falcon-h1-tiny/falcon-h1-tiny-f32.gguf") {
      $0["token_embd.weight"]?.values[0] = .infinity
    }
    let difference = try difference(
      original.path, broken.path, isConfigured ? original.path + "/config.json" : nil)
    let tensor = try #require(difference.tensors.first { $0.name == "embed_tokens.weight" })
    #expect(tensor.status == .changed && tensor.explanation?.exact != true, "\(words(tensor))")
  }

  @Test("A_log in the place of A is named, and what no A_log gives is said")
  func decay() throws {
    let original = try BrokenGGUF.original("jamba-tiny", "model.layers.0.mamba.A_log")
    try #require(original.contains { $0 >= 0 })
    #expect(
      try fault("jamba-tiny", Self.jamba, "layers.0.mamba.A_log") { $0["blk.0.ssm_a"]?.values = original }
        == "changed: A_log itself where -exp(A_log) belongs")
    let broken = try BrokenGGUF(Self.jamba) { tensors in tensors["blk.0.ssm_a"]?.values[5] = 0.25 }
    let difference = try difference(Fixture.folder("jamba-tiny"), broken.path)
    let tensor = try #require(difference.tensors.first { $0.name == "layers.0.mamba.A_log" })
    #expect(tensor.status == .changed && tensor.explanation == nil)
    #expect(
      tensor.skipped == ["element 5 of what is stored for -exp(A_log) is 0.25, which is -exp of no number"])
    let infinite = try BrokenGGUF(Self.jamba) { tensors in tensors["blk.0.ssm_a"]?.values[5] = -.infinity }
    let decay = try self.difference(Fixture.folder("jamba-tiny"), infinite.path).tensors
      .first { $0.name == "layers.0.mamba.A_log" }
    #expect(decay?.status == .changed && decay?.explanation == nil)
  }

  @Test("gate and up exchanged are named, in F32 and in Q8_0")
  func exchanged() throws {
    func exchange(_ tensors: inout [String: BrokenGGUF.Tensor]) {
      let gate = tensors["blk.0.ffn_gate.weight"]
      tensors["blk.0.ffn_gate.weight"] = tensors["blk.0.ffn_up.weight"]
      tensors["blk.0.ffn_up.weight"] = gate
    }
    let parameter = "layers.0.ffn.gate_proj.weight"
    let expected = "changed: swapped with layers.0.ffn.up_proj.weight"
    #expect(try fault("jamba-tiny", Self.jamba, parameter, nil, exchange) == expected)
    #expect(
      try fault("jamba-tiny", "jamba-tiny/jamba-tiny-q8_0.gguf", parameter, nil, exchange)
        == expected + ", and rounded to Q8_0")
  }

  @Test("norms with 1 added are named")
  func norms() throws {
    let found = try fault("jamba-tiny", Self.jamba, "layers.0.norm.weight") { tensors in
      let values = tensors["blk.0.attn_norm.weight"]?.values ?? []
      tensors["blk.0.attn_norm.weight"]?.values = values.map { $0 + 1 }
    }
    #expect(found == "changed: +1")
  }

  @Test("queries that were not permuted are named")
  func queries() throws {
    let original = try BrokenGGUF.original("nemotron-h-tiny", "backbone.layers.3.mixer.q_proj.weight")
    let found = try fault(
      "nemotron-h-tiny", "nemotron-h-tiny/nemotron-h-tiny-f16.gguf", "layers.3.attention.q_proj.weight"
    ) { $0["blk.3.attn_q.weight"]?.values = original }
    #expect(found == "changed: rows from pairs to halves, heads of 12, and rounded to F16")
  }

  @Test("a transposed convolution is named, with its shape or without it")
  func convolution() throws {
    func transpose(_ tensors: inout [String: BrokenGGUF.Tensor], withShape: Bool) {
      guard let tensor = tensors["blk.0.ssm_conv1d.weight"] else { return }
      let dimensions = withShape ? tensor.dimensions.reversed() : tensor.dimensions
      tensors["blk.0.ssm_conv1d.weight"] = .init(dimensions, tensor.transposed)
    }
    let parameter = "layers.0.mamba.conv1d.weight"
    #expect(
      try fault("jamba-tiny", Self.jamba, parameter) { transpose(&$0, withShape: false) }
        == "changed: rows and columns exchanged under the former shape")
    #expect(
      try fault("jamba-tiny", Self.jamba, parameter) { transpose(&$0, withShape: true) }
        == "reshaped: rows and columns exchanged")
  }

  @Test("D with its axes exchanged is named")
  func skip() throws {
    let found = try fault(
      "falcon-h1-tiny", "falcon-h1-tiny/falcon-h1-tiny-f32.gguf", "layers.0.mamba.D"
    ) { $0["blk.0.ssm_d"]?.dimensions.reverse() }
    #expect(found == "reshaped: the same elements in another shape")
  }

  // MARK: Blocks of types that nothing is stored in here

  /// A file of which the stored bytes of some tensors were changed.
  private func stored(
    _ file: String, in folder: TemporaryFolder, _ change: (inout [String: [UInt8]]) -> Void
  ) throws -> String {
    let path = Fixture.path("gguf", file)
    let source = try GGUFSource(path)
    var bytes = try InputFile.contents(of: path, limit: 1 << 22)
    let before = Dictionary(
      uniqueKeysWithValues: try source.tensors.map { ($0.name, try source.storedData(of: $0)) })
    var after = before
    change(&after)
    let ranges = before.filter { after[$0.key] != $0.value }.mapValues { bytes.firstRange(of: $0) }
    for (name, range) in ranges {
      bytes.replaceSubrange(try #require(range), with: after[name] ?? [])
    }
    return try folder.write(bytes, to: "stored.gguf")
  }

  /// The numbers of a file in F32, each moved by at most a twentieth of their root mean square, as those were that
  /// the file was made of.
  private func original(_ file: String, in folder: TemporaryFolder) throws -> String {
    let source = try GGUFSource(Fixture.path("gguf", file))
    var state: UInt32 = 1
    let entries = try source.tensors.map { tensor in
      var values = [Float](try source.bytes(of: tensor))
      if source.storedType(of: tensor) != nil {
        let scale = (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot() / 20
        for index in values.indices {
          state = state &* 1_664_525 &+ 1_013_904_223
          values[index] += scale * (Float(state >> 8) / 0x1p23 - 1)
        }
      }
      return MemorySource.Entry(tensor.name, .float32, tensor.shape.dimensions, values.littleEndianBytes)
    }
    try GGUFWriter.write(
      MemorySource(entries), as: { _ in .f32 }, keys: source.keys.entries { _ in true },
      to: folder.file("original.gguf"), replace: true, jobs: 1)
    return folder.file("original.gguf")
  }

  private static let wide = "jamba-wide/jamba-wide-q4_k_m.gguf"

  private func moved(_ parameter: String, _ change: (inout [String: [UInt8]]) -> Void) throws -> [String] {
    let folder = try TemporaryFolder()
    let (a, b) = try (original(Self.wide, in: folder), stored(Self.wide, in: folder, change))
    return try [(a, b), (b, a)].map { first, second in
      words(try #require(difference(first, second).tensors.first { $0.name == parameter }))
    }
  }

  /// The rows of a stored matrix in another order.
  private static func rows(_ bytes: [UInt8]?, count: Int, _ origin: (Int) -> Int) -> [UInt8] {
    let size = (bytes?.count ?? 0) / count
    return (0..<count).flatMap { row in bytes?[origin(row) * size..<(origin(row) + 1) * size] ?? [] }
  }

  @Test("gate and up exchanged are named in a K type")
  func exchangedBlocks() throws {
    let found = try moved("layers.0.ffn.gate_proj.weight") { tensors in
      (tensors["blk.0.ffn_gate.weight"], tensors["blk.0.ffn_up.weight"]) = (
        tensors["blk.0.ffn_up.weight"], tensors["blk.0.ffn_gate.weight"]
      )
    }
    #expect(found[0].hasPrefix("changed: swapped with layers.0.ffn.up_proj.weight, and rounded to Q4_K"), "\(found)")
    #expect(
      found[1].hasPrefix("changed: swapped with layers.0.ffn.up_proj.weight, after the second was rounded to Q4_K"),
      "\(found)")
  }

  @Test("heads in another order are named in a K type")
  func headsOfBlocks() throws {
    let found = try moved("layers.1.attention.q_proj.weight") { tensors in
      tensors["blk.1.attn_q.weight"] = Self.rows(tensors["blk.1.attn_q.weight"], count: 256) { ($0 + 32) % 256 }
    }
    #expect(
      found[0].hasPrefix("changed: heads in another order: 1, 2, 3, 4, 5, 6, 7, 0, and rounded to Q4_K"), "\(found)")
    #expect(found[1].hasPrefix("changed: heads in another order: 7, 0, 1, 2, 3, 4, 5, 6, after the second"), "\(found)")
  }

  @Test("halves as pairs are named in a K type")
  func pairsOfBlocks() throws {
    let found = try moved("layers.1.attention.q_proj.weight") { tensors in
      tensors["blk.1.attn_q.weight"] = Self.rows(tensors["blk.1.attn_q.weight"], count: 256) { row in
        row / 32 * 32 + row % 2 * 16 + row % 32 / 2
      }
    }
    #expect(found[0].hasPrefix("changed: rows from halves to pairs, heads of 32, and rounded to Q4_K"), "\(found)")
  }

  @Test("a tensor of other numbers is not taken for a moved one")
  func otherBlocks() throws {
    let found = try moved("layers.1.attention.q_proj.weight") { tensors in
      var bytes = tensors["blk.1.attn_q.weight"] ?? []
      // The numbers of each block in the reverse order, which is no order of rows or columns.
      for block in stride(from: 0, to: bytes.count, by: 144) { bytes[block + 16..<block + 144].reverse() }
      tensors["blk.1.attn_q.weight"] = bytes
    }
    #expect(found.allSatisfy { !$0.contains("rounded to") }, "\(found)")
  }

  @Test("two layers' projections exchanged are named in Q4_0")
  func exchangedLayers() throws {
    let folder = try TemporaryFolder()
    let file = try stored("mamba-tiny/mamba-tiny-q4_0.gguf", in: folder) { tensors in
      (tensors["blk.0.ssm_out.weight"], tensors["blk.1.ssm_out.weight"]) = (
        tensors["blk.1.ssm_out.weight"], tensors["blk.0.ssm_out.weight"]
      )
    }
    let difference = try difference(original("mamba-tiny/mamba-tiny-q4_0.gguf", in: folder), file)
    let tensor = try #require(difference.tensors.first { $0.name == "layers.0.mamba.out_proj.weight" })
    #expect(words(tensor).hasPrefix("changed: swapped with layers.1.mamba.out_proj.weight, and rounded to Q4_0"))
    #expect(tensor.leastChange != nil)
  }

  @Test("a matrix is read in another order of its columns, from any byte")
  func reorderedColumns() throws {
    let bytes = (0..<24).map { UInt8($0) }
    let source = try MemorySource([.init("w", .float16, [3, 4], bytes)])
    let tensor = try #require(source.tensors["w"])
    let reordered = try ReorderedSource(source, tensor, LineOrder(isOfRows: false, lines: [2, 0, 3, 1]))
    // Each row has 8 bytes, and each column of it two.
    let places: [Int] = [4, 5, 0, 1, 6, 7, 2, 3]
    var expected: [UInt8] = []
    for row in 0..<3 { expected += places.map { UInt8(8 * row + $0) } }
    for start in 0..<24 {
      let found = try [UInt8](count: 24 - start) { try reordered.read(tensor, from: start, into: &$0) }
      #expect(found == Array(expected[start...]))
    }
  }
}
