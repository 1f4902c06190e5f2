import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Checkpoints that are cast")
struct CastSourceTests {
  private func source(_ entries: [(String, [Float])]) throws -> MemorySource {
    try MemorySource(
      entries.map { MemorySource.Entry($0.0, .float32, [$0.1.count], $0.1.littleEndianBytes) }
        + [MemorySource.Entry("ids", .int64, [1], [1, 2, 3, 4, 5, 6, 7, 8])])
  }

  private func model(_ entries: [(String, [Float])]) throws -> OpenedModel {
    let source = try source(entries)
    return OpenedModel(
      location: "m.safetensors", parameters: source, architecture: nil, inventory: nil,
      description: CheckpointDescription(
        architecture: nil, layout: .verbatim, configuration: nil, metadata: [:], files: [],
        assumptions: [], carried: []), reason: "", ledger: nil, mapping: [])
  }

  private func readAll(_ source: any CheckpointSource) throws {
    for tensor in source.tensors { _ = try source.bytes(of: tensor) }
  }

  @Test("floats are cast, what is kept is F32, integers are left alone")
  func types() throws {
    let cast = Cast(to: .bfloat16, keepF32: [NameGlob("*.A_log"), NameGlob("n?rm")])
    let source = try ComputedSource(
      MemorySource([
        .init("w", .float32, [1], [0, 0, 0x80, 0x3F]),
        .init("0.A_log", .float32, [1], [1, 0x80, 0x80, 0x7F]),
        .init("norm", .float16, [1], [0, 0x3C]), .init("same", .bfloat16, [1], [1, 0x7F]),
        .init("flag", .bool, [1], [1]),
      ]), cast, tally: CastTally())
    #expect(
      source.tensors.map { "\($0.name) \($0.type.rawValue) \($0.shape)" } == [
        "w BF16 [1]", "0.A_log F32 [1]", "norm F32 [1]", "same BF16 [1]", "flag BOOL [1]",
      ])
    // A signalling NaN keeps its bits where its type stays.
    let expected: [[UInt8]] = [
      [0x80, 0x3F], [1, 0x80, 0x80, 0x7F], [0, 0, 0x80, 0x3F], [1, 0x7F], [1],
    ]
    for (tensor, bytes) in zip(source.tensors, expected) {
      #expect(try source.bytes(of: tensor) == bytes, "\(tensor.name)")
    }
  }

  @Test("any range is what that range of the whole is, and elements read again count once")
  func ranges() throws {
    let values: [Float] = [1, .leastNonzeroMagnitude, -2, 1e30, 3, 1e-30]
    let tally = CastTally()
    let source = try ComputedSource(source([("w", values)]), Cast(to: .float16), tally: tally)
    let tensor = try #require(source.tensors["w"])
    let whole = try source.bytes(of: tensor)
    for start in 0...whole.count {
      for end in start...whole.count {
        let part = try [UInt8](count: end - start) {
          try source.read(tensor, from: start, into: &$0)
        }
        #expect(part == Array(whole[start..<end]))
      }
    }
    #expect(tally.total == CastCounts(overflowed: 1, flushed: 2, nonzero: 6))
    #expect(throws: FormatError.self) {
      _ = try [UInt8](count: 2) { try source.read(tensor, from: whole.count, into: &$0) }
    }
  }

  @Test("a tensor longer than a piece is cast and counted whole")
  func pieces() throws {
    let count = (1 << 18) + 3
    let values = (0..<count).map { Float($0) }
    let tally = CastTally()
    let source = try ComputedSource(source([("w", values)]), Cast(to: .bfloat16), tally: tally)
    let bytes = try source.bytes(of: try #require(source.tensors["w"]))
    for index in [0, 1, (1 << 18) - 1, 1 << 18, count - 1] {
      // 2^18 and its neighbours have more bits than BF16: the nearest is 2^18.
      let expected: [UInt8] = index < 2 ? [0, index == 0 ? 0 : 0x3F] : [0x80, 0x48]
      let got = Array(bytes[2 * index..<2 * index + 2])
      #expect(got == (index == 1 ? [0x80, 0x3F] : expected), "\(index)")
    }
    #expect(tally.total == CastCounts(overflowed: 0, flushed: 0, nonzero: count - 1))
  }

  @Test("a pattern that matches no floating-point tensor is refused")
  func unusedPattern() throws {
    #expect {
      try ModelCast(model([("w", [1])]), Cast(to: .float16, keepF32: [NameGlob("ids")]))
    } throws: {
      ($0 as? FileDiagnosis)?.kind == .usage
        && "\($0)"
          == "m.safetensors: no floating-point tensor has a name like “ids”"
    }
  }

  @Test("one value that becomes infinite is one too many, unless loss is accepted")
  func overflow() throws {
    let entries: [(String, [Float])] = [("a", [1e6, 1]), ("b", [1e6, -1e6])]
    let cast = try ModelCast(model(entries), Cast(to: .float16))
    try readAll(cast.model.parameters)
    #expect { try cast.conclude() } throws: {
      ($0 as? FileDiagnosis)?.kind == .wrong
        && "\($0)"
          == "m.safetensors: 3 finite values become infinite in F16, most of them in “b”, and none may"
    }
    let accepted = try ModelCast(model(entries), Cast(to: .float16, acceptsLoss: true))
    try readAll(accepted.model.parameters)
    #expect(
      try accepted.conclude() == [
        "cast to F16, rounded to nearest even: 2 of the tensors to F16; values that became infinite: 3, zero: 0"
      ])
    #expect(
      accepted.losses.map(\.loss) == [
        "3 finite values became infinite in F16, most of them in “b”"
      ]
    )
  }

  @Test("values that become infinite and values that become zero are both said where both are accepted")
  func bothLosses() throws {
    let values: [Float] = [1e6] + [1e-9, 1e-9] + [Float](repeating: 1, count: 97)
    let cast = try ModelCast(model([("w", values)]), Cast(to: .float16, acceptsLoss: true))
    try readAll(cast.model.parameters)
    #expect(
      cast.losses.map(\.loss) == [
        "1 finite value became infinite in F16, in “w”",
        "2 of the 100 nonzero values of “w” became zero in F16",
      ])
  }

  @Test("of a tensor's nonzero values, one in a hundred may become zero", arguments: [1, 2])
  func flush(_ count: Int) throws {
    var values = [Float](repeating: 1, count: 100)
    for index in 0..<count { values[index] = 1e-9 }
    // Zeros do not count, and neither do the values of other tensors.
    let cast = try ModelCast(
      model([("w", values + [0, 0]), ("x", [Float](repeating: 1, count: 500))]),
      Cast(to: .float16, keepF32: [NameGlob("x")]))
    try readAll(cast.model.parameters)
    #expect(
      cast.report
        == CastReport(dtype: .float16, cast: 1, keptF32: 1, overflowed: 0, flushed: count))
    guard count > 1 else {
      return #expect(
        try cast.conclude() == [
          "cast to F16, rounded to nearest even: 1 of the tensors to F16 and 1 in F32; values that became infinite: 0, zero: 1"
        ])
    }
    #expect { try cast.conclude() } throws: {
      "\($0)"
        == "m.safetensors: 2 of the 100 nonzero values of “w” become zero in F16, and at most 1 % of a tensor's may"
    }
  }

  @Test(
    "a type that is only kept is not cast, and its tensor is named",
    arguments: [ElementType.complex64, .float8E8M0, .float4])
  func opaque(_ type: ElementType) throws {
    let memory = try MemorySource([
      .init("w", .float32, [1], [0, 0, 0x80, 0x3F]),
      .init("scale", type, [2], [UInt8](repeating: 1, count: 2 * type.bitSize / 8)),
    ])
    #expect(throws: ConversionError.cannotCast("scale", type)) {
      _ = try ComputedSource(memory, Cast(to: .float16), tally: CastTally())
    }
    #expect(
      "\(ConversionError.cannotCast("scale", type))"
        == "“scale” cannot be cast: \(type.rawValue) is kept as it is, and its values are not read"
    )
  }

  @Test("names that differ only in their Unicode form are cast each by its own type")
  func equivalentNames() throws {
    let source = try ComputedSource(
      MemorySource([
        .init("\u{E9}", .float32, [1], [0, 0, 0x80, 0x3F]), .init("e\u{301}", .int64, [0], []),
        .init("e", .float16, [1], [0, 0x3C]),
      ]), Cast(to: .bfloat16), tally: CastTally())
    #expect(source.tensors.map(\.type) == [.bfloat16, .int64, .bfloat16])
    #expect(try source.bytes(of: source.tensors[0]) == [0x80, 0x3F])
    #expect(try source.bytes(of: source.tensors[1]) == [])
  }
}
