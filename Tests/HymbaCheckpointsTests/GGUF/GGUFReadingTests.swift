import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

/// Ranges, keys and claims.
@Suite struct GGUFReadingTests {
  private func fixture(_ file: String) throws -> GGUFSource {
    try GGUFSource(Fixture.path("gguf", file + ".gguf"))
  }

  @Test("any range of a tensor is that part of the whole, also within blocks and across them")
  func ranges() throws {
    let source = try fixture("types/types")
    for tensor in source.tensors {
      let whole = try source.bytes(of: tensor)
      let ends = Set([0, 1, 4, 7, 124, 128, 132, 1020, 1024, 1028, 1029, whole.count / 2, whole.count - 1, whole.count])
        .filter { (0...whole.count).contains($0) }
      for begin in ends {
        for end in ends where begin <= end {
          #expect(try source.bytes(of: tensor, begin..<end) == Array(whole[begin..<end]), "\(tensor.name)")
        }
      }
      #expect(throws: FormatError.self) { try source.bytes(of: tensor, 0..<whole.count + 1) }
    }
  }

  @Test("a tensor of more blocks than are decoded at once is read whole and in parts")
  func manyBlocks() throws {
    // Each block of Q8_0 has the scale 1 and its own number, which is 3 less in each next block.
    let blocks = 5000
    let numbers = (0..<blocks).map { Int8(truncatingIfNeeded: -3 * $0) }
    var file = GGUFBytes()
    file.tensors = [.init(name: "w", dimensions: [32 * 50, blocks / 50], type: 8, offset: 0)]
    file.data = numbers.flatMap { [0, 0x3C] + [UInt8](repeating: UInt8(bitPattern: $0), count: 32) }
    let temporary = try TemporaryFile(file.bytes)
    let source = try GGUFSource(temporary.path)
    #expect(source.tensors[0].shape.dimensions == [100, 1600])
    #expect(source.storedBytes(of: source.tensors[0]) == blocks * 34)
    let expected = numbers.flatMap { [Float](repeating: Float($0), count: 32) }
    #expect(try source.floats(of: source.tensors[0]) == expected)
    let range = 4 * 31..<4 * (32 * (blocks - 1) + 1)
    let part = try source.bytes(of: source.tensors[0], range)
    #expect(try part == Array(source.bytes(of: source.tensors[0])[range]))
  }

  @Test("keys are given by their type and within their range")
  func keys() throws {
    let keys = try fixture("jamba-tiny/jamba-tiny-q8_0").keys
    #expect(try keys.string("general.architecture") == "jamba")
    #expect(try keys.unsigned("jamba.block_count", in: 1...8) == 8)
    #expect(try keys.real("jamba.attention.layer_norm_rms_epsilon") == 1e-6)
    #expect(try keys.integers("jamba.attention.head_count_kv", limit: 8) == [0, 0, 2, 0, 0, 0, 2, 0])
    #expect(try keys.string("absent") == nil && keys.unsigned("absent") == nil && keys.real("absent") == nil)
    #expect(try keys.bool("absent") == nil && keys.integers("absent", limit: 1) == nil)
    #expect(
      refusal { _ = try keys.unsigned("jamba.block_count", in: 1...7) }
        == "the key “jamba.block_count” must be a whole number from 1 to 7, and is 8")
    #expect(
      refusal { _ = try keys.unsigned("general.architecture") }
        == "the key “general.architecture” must be a whole number from 0 on, and is “jamba”")
    #expect(
      refusal { _ = try keys.string("jamba.block_count") }
        == "the key “jamba.block_count” must be a text, and is 8")
    #expect(
      refusal { _ = try keys.bool("jamba.block_count") }
        == "the key “jamba.block_count” must be true or false, and is 8")
    #expect(
      refusal { _ = try keys.real("jamba.block_count") }
        == "the key “jamba.block_count” must be a finite floating-point number, and is 8")
    #expect(
      refusal { _ = try keys.integers("jamba.attention.head_count_kv", limit: 7) }
        == "the key “jamba.attention.head_count_kv” must be an array of at most 7 values, and is one of 8")
    #expect(
      refusal { _ = try keys.integers("jamba.attention.head_count_kv", limit: 8, in: 0...1) }
        == "the key “jamba.attention.head_count_kv” must be an array with a whole number from 0 to 1, and is 2")
    #expect(
      refusal { _ = try keys.integers("tokenizer.ggml.scores", limit: 64) }
        == "the key “tokenizer.ggml.scores” must be an array of whole numbers, and is [-0.0, -1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, …], 64 values")
    let types = try fixture("types/types").keys
    #expect(try types.bool("t.true") == true && types.bool("t.false") == false)
    #expect(try types.real("t.f64") == 0.1 && types.real("t.f32") == 0.1)
    #expect(try types.unsigned("t.u8") == 255 && types.unsigned("t.i8", in: -128...0) == -128)
    #expect(refusal { _ = try types.unsigned("t.u64") } != nil)
    #expect(try types.integers("t.a.i64", limit: 2, in: Int.min...Int.max) == [.min, .max])
  }

  @Test("metadata shows numbers by their shortest decimal, and long arrays by their first values")
  func metadata() throws {
    let metadata = try fixture("jamba-tiny/jamba-tiny-q8_0").metadata
    #expect(metadata["jamba.attention.layer_norm_rms_epsilon"] == "1e-06")
    #expect(metadata["jamba.attention.head_count_kv"] == "[0, 0, 2, 0, 0, 0, 2, 0]")
    #expect(
      metadata["tokenizer.ggml.tokens"]
        == "[“<unk>”, “<s>”, “</s>”, “▁”, “a”, “b”, “c”, “d”, …], 64 values")
    #expect(try fixture("types/types").metadata["t.string"] == "zero \0, tab \t, é中🐍")
  }

  @Test("a tensor of a terabyte is opened, and any part of it read, with little memory")
  func terabyte() throws {
    var file = GGUFBytes()
    let rows = (1 << 40) / 34 / 1024
    file.tensors = [.init(name: "w", dimensions: [32 * 1024, rows], type: 8, offset: 0)]
    file.data = [0]
    let bytes = file.bytes
    let temporary = try TemporaryFile(bytes)
    #expect(
      refusal { _ = try GGUFSource(temporary.path) }
        == "the tensor “w” ends at byte \(34 * 1024 * rows) of the data, but the file holds 1")
    // The zeros of a file that was only made longer take no space.
    try temporary.truncate(to: bytes.count - 1 + 34 * 1024 * rows)
    let source = try GGUFSource(temporary.path)
    let tensor = source.tensors[0]
    let middle = tensor.byteCount / 2 + 4
    #expect(try source.bytes(of: tensor, middle..<middle + 8) == [0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("a note names the types that are decoded, and a file without them has none")
  func notes() throws {
    #expect(
      try fixture("jamba-wide/jamba-wide-q4_k_m").notes
        == ["tensors that the GGUF file stores as F16, Q4_K and Q6_K are decoded to F32"])
    #expect(
      try fixture("jamba-tiny/jamba-tiny-q8_0").notes
        == ["tensors that the GGUF file stores as F16 and Q8_0 are decoded to F32"])
    #expect(try fixture("jamba-tiny/jamba-tiny-f32").notes == [])
  }

  @Test("later parts of a set are left out where the first is given, and only there")
  func laterParts() {
    let set = ["m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf"]
    #expect(GGUFSource.withoutLaterParts(set) == ["m-00001-of-00003.gguf"])
    #expect(GGUFSource.withoutLaterParts(Array(set.dropFirst())) == Array(set.dropFirst()))
    let others = ["a/m-00001-of-00003.gguf", "b/m-00002-of-00003.gguf", "m-2-of-3.gguf", "-of-.gguf", ".gguf", "x"]
    #expect(GGUFSource.withoutLaterParts(others) == others)
  }

  @Test("what a file of a terabyte claims is compared with limits, too")
  func limits() throws {
    func message(_ file: GGUFBytes) throws -> String? {
      let temporary = try TemporaryFile(file.bytes)
      try temporary.truncate(to: 1 << 40)
      return refusal { _ = try GGUFSource(temporary.path) }
    }
    func key(_ type: UInt32, _ value: [UInt8]) -> GGUFBytes { GGUFBytes(keys: [("k", type, value)]) }
    #expect(
      try message(key(8, GGUFBytes.long(1 << 30)))
        == "a text of the key “k” has a length of 1073741824 bytes; at most 16777216 are accepted")
    #expect(
      try message(key(9, GGUFBytes.word(0) + GGUFBytes.long(1 << 30)))
        == "the keys take more than 134217728 bytes together")
    #expect(
      try message(GGUFBytes(tensorCount: 1 << 30)) == "declares 1073741824 tensors; at most 262144 are accepted")
    #expect(try message(GGUFBytes(keyCount: 1 << 30)) == "declares 1073741824 keys; at most 65536 are accepted")
  }

  @Test("a scale that is no number gives no numbers, and the sign of zero is kept")
  func scales() {
    for type in GGUFType.allCases {
      guard let format = type.blocks else { continue }
      // All bytes that a scale could be made of are those of NaN.
      var values = [Float](repeating: 0, count: format.elements)
      var span = values.mutableSpan
      format.decodeAll([UInt8](repeating: 0xFF, count: format.bytes).span, into: &span)
      #expect(values.count { $0.isNaN } == values.count, "\(type.name)")
    }
    var values = [Float](repeating: 1, count: 32)
    var span = values.mutableSpan
    Q8_0.decodeAll(([0, 0x80] + [5, 0xFB] + [UInt8](repeating: 0, count: 30)).span, into: &span)
    #expect(values.map(\.sign) == [.minus, .plus] + [FloatingPointSign](repeating: .minus, count: 30))
    #expect(values == [Float](repeating: 0, count: 32))
  }

  @Test("several threads may read at once")
  func concurrency() throws {
    let source = try fixture("jamba-wide/jamba-wide-q4_k_m")
    let read = try Parallel.map(count: 90, jobs: 8) { index in
      let tensor = source.tensors[index % source.tensors.count]
      return (tensor, try source.bytes(of: tensor))
    }
    for (tensor, bytes) in read { #expect(try source.bytes(of: tensor) == bytes) }
  }
}
