import HymbaFormat
import Testing

@testable import HymbaModel

@Suite("Widening of stored types")
struct WideningTests {
  @Test(
    "E4M3 bytes have the values of the published table",
    arguments: [
      (0x00, 0), (0x01, 0x1p-9), (0x07, 7 * 0x1p-9), (0x08, 0x1p-6), (0x38, 1), (0x39, 1.125),
      (0x7E, 448), (0xFE, -448), (0xB8, -1),
    ] as [(UInt8, Float)])
  func e4m3(_ byte: UInt8, _ value: Float) { #expect(Widening.fromE4M3(byte) == value) }

  @Test("E4M3 has no infinity: all ones is NaN")
  func e4m3NaN() {
    #expect(Widening.fromE4M3(0x7F).isNaN && Widening.fromE4M3(0xFF).isNaN)
  }

  @Test(
    "one and a half is read from every floating-point type",
    arguments: [
      (.float64, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]),
      (.float32, [0, 0, 0xC0, 0x3F]), (.float16, [0, 0x3E]), (.bfloat16, [0xC0, 0x3F]),
      (.float8E5M2, [0x3E]), (.float8E4M3, [0x3C]),
    ] as [(ElementType, [UInt8])])
  func onePointFive(_ type: ElementType, _ bytes: [UInt8]) {
    #expect(Widening.floats(bytes.raw, type) == [1.5])
  }

  @Test("every F16 number is widened to the same value")
  func float16() {
    let all = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let widened = Widening.floats(all.raw, .float16) ?? []
    let expected = (0...UInt16.max).map { half in
      // IEEE 754: the sign, five bits of exponent with bias 15 and ten of the significand.
      let (exponent, fraction) = (Int(half >> 10 & 0x1F), Float(half & 0x3FF) * 0x1p-10)
      let magnitude: Float =
        switch exponent {
        case 0: fraction * 0x1p-14
        case 31: fraction == 0 ? .infinity : .nan
        default: Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
        }
      return half & 0x8000 == 0 ? magnitude : -magnitude
    }
    #expect(widened.count == expected.count)
    let differing = zip(widened, expected).filter { pair in
      pair.0.bitPattern != pair.1.bitPattern && !(pair.0.isNaN && pair.1.isNaN)
    }
    #expect(differing.isEmpty)
  }

  @Test("whole numbers are no parameters")
  func integers() { #expect(Widening.floats([1, 0, 0, 0].raw, .int32) == nil) }
}
