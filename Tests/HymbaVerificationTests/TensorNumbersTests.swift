import HymbaFormat
import HymbaModel
import Testing

@testable import HymbaVerification

@Suite("Counts of a tensor's numbers")
struct TensorNumbersTests {
  private func numbers(_ words: [UInt64], _ type: ElementType, parts: Int = 1) -> TensorNumbers {
    let bytes = words.flatMap { word in
      (0..<type.byteSize).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
    }
    var all = TensorNumbers()
    let size = (words.count + parts - 1) / max(1, parts)
    for start in stride(from: 0, to: words.count, by: max(1, size)) {
      let end = min(start + size, words.count)
      all.add(
        TensorNumbers(
          bytes.raw.extracting(start * type.byteSize..<end * type.byteSize), type,
          needsRange: true))
    }
    return all
  }

  /// By type: one, minus zero, infinity, a NaN, the smallest subnormal.
  private static let words: [(ElementType, [UInt64])] = [
    (.bfloat16, [0x3F80, 0x8000, 0x7F80, 0x7FC1, 1]),
    (.float16, [0x3C00, 0x8000, 0xFC00, 0x7E01, 1]),
    (.float32, [0x3F80_0000, 0x8000_0000, 0xFF80_0000, 0x7FC0_0001, 1]),
    (
      .float64,
      [
        0x3FF0_0000_0000_0000, 0x8000_0000_0000_0000, 0x7FF0_0000_0000_0000,
        0x7FF8_0000_0000_0001, 0x3810_0000_0000_0000,
      ]
    ),
    (.float8E5M2, [0x3C, 0x80, 0x7C, 0x7D, 1]),
  ]

  @Test("each type's zeros, infinities and NaN are known by their bits", arguments: words)
  func kinds(_ type: ElementType, _ words: [UInt64]) {
    let (one, zero, infinity, nan, small) = (words[0], words[1], words[2], words[3], words[4])
    for parts in [1, 2, 3] {
      let plain = numbers([one, 0, zero, small], type, parts: parts)
      #expect(plain.count == 4 && plain.zeros == 2 && plain.isFinite)
      #expect(plain.constant == nil && plain.range == 0...1)
      #expect(!numbers([one, one, infinity], type, parts: parts).isFinite)
      #expect(!numbers([one, nan, one], type, parts: parts).isFinite)
      #expect(numbers([one, one, one], type, parts: parts).constant == 1)
      #expect(numbers([zero, 0, zero], type, parts: parts).constant == 0, "the sign of a zero")
      #expect(numbers([0, one, one], type, parts: parts).constant == nil)
      #expect(numbers([one, one, 0], type, parts: parts).constant == nil)
    }
    #expect(numbers([one], type).constant == nil, "a single one has nothing to be equal to")
  }

  @Test("more words than one block counts", arguments: [ElementType.bfloat16, .float32])
  func blocks(_ type: ElementType) {
    let zeros = [UInt64](repeating: 0, count: 70_001)
    #expect(numbers(zeros, type).zeros == 70_001)
    #expect(numbers(zeros + [1], type).constant == nil)
  }
}
