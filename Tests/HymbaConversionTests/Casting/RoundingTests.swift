import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// Against the definition, and against what NumPy, ml_dtypes and exact fractions give (see the README beside
/// the fixture).
@Suite("Rounding to other floating-point types")
struct RoundingTests {
  private func cast(_ bytes: [UInt8], _ type: ElementType, to target: CastType) -> (
    bytes: [UInt8], counts: CastCounts
  ) {
    var counts = CastCounts()
    let count = bytes.count / type.byteSize
    let result = [UInt8](count: count * target.elementType.byteSize) {
      counts = FloatCast.cast(bytes.raw, type, to: target, into: &$0)
    }
    return (result, counts)
  }

  private func bytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
    words.flatMap { word in
      (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
    }
  }

  private func words<Word: FixedWidthInteger>(_: Word.Type, _ bytes: [UInt8]) -> [Word] {
    let size = Word.bitWidth / 8
    return (0..<bytes.count / size).map { index in
      bytes[index * size..<index * size + size].reversed().reduce(0) { $0 << 8 | Word($1) }
    }
  }

  private static let small: [(type: CastType, infinity: UInt16)] = [
    (.float16, 0x7C00), (.bfloat16, 0x7F80),
  ]

  /// The number of a pattern, by Swift's own types; infinity as the number that would follow the largest.
  private func number(_ pattern: UInt16, _ type: CastType) -> Double {
    switch (type, pattern) {
    case (.float16, 0x7C00): 0x1p16
    case (.bfloat16, 0x7F80): 0x1p128
    case (.float16, _): Double(Float16(bitPattern: pattern))
    default: Double(Float(bitPattern: UInt32(pattern) << 16))
    }
  }

  @Test(
    "between any two neighbours, the nearer one is taken, and in the middle the even one",
    arguments: small.indices)
  func definition(_ index: Int) {
    let (type, infinity) = Self.small[index]
    var values: [Double] = []
    var expected: [UInt16] = []
    for pattern in 0..<infinity {
      let low = number(pattern, type)
      let middle = (low + number(pattern + 1, type)) / 2
      values += [low, low.nextUp, middle.nextDown, middle, middle.nextUp]
      expected += [pattern, pattern, pattern, pattern + pattern % 2, pattern + 1]
    }
    let positive = cast(bytes(values.map(\.bitPattern)), .float64, to: type)
    let negative = cast(bytes(values.map { (-$0).bitPattern }), .float64, to: type)
    #expect(words(UInt16.self, positive.bytes) == expected)
    #expect(words(UInt16.self, negative.bytes) == expected.map { $0 | 0x8000 })
    // Zero itself is not flushed; what follows it, up to the middle inclusive, is. The middle before infinity
    // and the number above it overflow.
    for counts in [positive.counts, negative.counts] {
      #expect(
        counts == CastCounts(overflowed: 2, flushed: 3, nonzero: values.count - 1))
    }
  }

  private func same(_ got: [UInt8], _ expected: [UInt8], _ type: ElementType) -> Bool {
    func isNaN(_ word: UInt64) -> Bool {
      switch type {
      case .float64: Double(bitPattern: word).isNaN
      case .float32: Float(bitPattern: UInt32(word)).isNaN
      case .float16: word & 0x7FFF > 0x7C00
      default: word & 0x7FFF > 0x7F80
      }
    }
    let size = type.byteSize
    let widened: ([UInt8]) -> [UInt64] = { bytes in
      switch size {
      case 2: words(UInt16.self, bytes).map(UInt64.init)
      case 4: words(UInt32.self, bytes).map(UInt64.init)
      default: words(UInt64.self, bytes)
      }
    }
    let (got, expected) = (widened(got), widened(expected))
    return got.count == expected.count
      && zip(got, expected).allSatisfy { $0 == $1 || isNaN($0) && isNaN($1) }
  }

  private static let columns: [(ElementType, CastType)] = [
    (.float64, .float32), (.float64, .float16), (.float64, .bfloat16), (.float32, .float16),
    (.float32, .bfloat16), (.float16, .bfloat16), (.bfloat16, .float16), (.float16, .float32),
    (.float8E4M3, .float32), (.float8E5M2, .float32),
  ]

  @Test("every number of the fixture becomes what others make of it", arguments: columns.indices)
  func fixture(_ index: Int) throws {
    let (type, target) = Self.columns[index]
    let table = try SafetensorsSource(Fixture.path("casts", "casts.safetensors"))
    let given =
      try table.tensors[type.rawValue].map { try table.bytes(of: $0) }
      ?? (type.byteSize == 1 ? Array(0...255) : bytes(Array(UInt16.min...UInt16.max)))
    let column = try #require(table.tensors["\(type.rawValue).\(target.rawValue)"])
    #expect(column.type == target.elementType)
    #expect(same(cast(given, type, to: target).bytes, try table.bytes(of: column), column.type))
  }

  @Test("BF16 becomes F32 by itself, its bits in front", arguments: [CastType.float32, .float64])
  func widening(_ target: CastType) {
    let patterns = Array(UInt16.min...UInt16.max)
    let wide = cast(bytes(patterns), .bfloat16, to: target)
    #expect(wide.counts.overflowed == 0 && wide.counts.flushed == 0)
    let expected: [UInt8] =
      target == .float32
      ? bytes(patterns.map { UInt32($0) << 16 })
      : bytes(patterns.map { Double(Float(bitPattern: UInt32($0) << 16)).bitPattern })
    #expect(same(wide.bytes, expected, target.elementType))
    // And back, nothing is lost.
    let back = cast(wide.bytes, target.elementType, to: .bfloat16)
    #expect(same(back.bytes, bytes(patterns), .bfloat16))
    #expect(back.counts.overflowed == 0 && back.counts.flushed == 0)
  }

  @Test("a NaN stays one, quiet, with its sign; infinities and the sign of zero stay")
  func specials() {
    let values: [UInt64] = [
      0x7FF0_0000_0000_0001, 0xFFF8_0000_0000_0000, 0x7FF0 << 48, 0xFFF0 << 48, 0, 1 << 63,
    ]
    let half = cast(bytes(values), .float64, to: .float16)
    #expect(
      words(UInt16.self, half.bytes) == [0x7E00, 0xFE00, 0x7C00, 0xFC00, 0x0000, 0x8000])
    #expect(half.counts == CastCounts(overflowed: 0, flushed: 0, nonzero: 4))
    let brain = cast(bytes(values), .float64, to: .bfloat16)
    #expect(
      words(UInt16.self, brain.bytes) == [0x7FC0, 0xFFC0, 0x7F80, 0xFF80, 0x0000, 0x8000])
  }
}
