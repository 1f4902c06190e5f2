/// How one type of floating-point numbers is written in bits, for reading.
///
/// Every type here embeds in `Double` exactly, so that a cast is one exact ``decode(_:)`` and one
/// ``FloatCode/encode(_:)``, which alone rounds: nothing is ever rounded twice.
protocol FloatDecoding {
  associatedtype Word: FixedWidthInteger & UnsignedInteger

  /// The value of a bit pattern, exactly; NaN as NaN.
  static func decode(_ word: Word) -> Double
}

/// The same for types that can be cast to.
protocol FloatCode: FloatDecoding {
  /// The pattern of positive infinity.
  static var infinity: Word { get }

  /// The nearest number, of two equally near ones the one whose last bit is 0 (IEEE 754 roundTiesToEven).
  /// What is beyond the largest number by at least half a step becomes infinite, what is at most half of the
  /// smallest becomes zero; signs stay; NaN becomes a quiet NaN.
  static func encode(_ value: Double) -> Word
}

enum Float64Code: FloatCode {
  static var infinity: UInt64 { 0x7FF << 52 }
  @inline(__always)
  static func decode(_ word: UInt64) -> Double { Double(bitPattern: word) }
  @inline(__always)
  static func encode(_ value: Double) -> UInt64 { value.bitPattern }
}

/// The processor's own conversions round to nearest even.
enum Float32Code: FloatCode {
  static var infinity: UInt32 { 0xFF << 23 }
  @inline(__always)
  static func decode(_ word: UInt32) -> Double { Double(Float(bitPattern: word)) }
  @inline(__always)
  static func encode(_ value: Double) -> UInt32 { Float(value).bitPattern }
}

enum Float16Code: FloatCode {
  static var infinity: UInt16 { 0x7C00 }
  @inline(__always)
  static func decode(_ word: UInt16) -> Double {
    SmallFloat.widened(UInt64(word), exponentBits: 5, mantissaBits: 10)
  }
  @inline(__always)
  static func encode(_ value: Double) -> UInt16 {
    UInt16(truncatingIfNeeded: SmallFloat.rounded(value, exponentBits: 5, mantissaBits: 10))
  }
}

/// The upper half of an F32.
enum BFloat16Code: FloatCode {
  static var infinity: UInt16 { 0x7F80 }
  @inline(__always)
  static func decode(_ word: UInt16) -> Double { Double(Float(bitPattern: UInt32(word) << 16)) }
  @inline(__always)
  static func encode(_ value: Double) -> UInt16 {
    UInt16(truncatingIfNeeded: SmallFloat.rounded(value, exponentBits: 8, mantissaBits: 7))
  }
}

enum Float8E5M2Code: FloatDecoding {
  @inline(__always)
  static func decode(_ word: UInt8) -> Double {
    SmallFloat.widened(UInt64(word), exponentBits: 5, mantissaBits: 2)
  }
}

/// FP8 E4M3 as machine learning uses it: no infinities, and only all ones is NaN.
enum Float8E4M3Code: FloatDecoding {
  @inline(__always)
  static func decode(_ word: UInt8) -> Double {
    if word & 0x7F == 0x7F { return .nan }
    // Read with five bits of exponent, the largest exponent is an ordinary one, and the bias is 15 in place
    // of 7.
    let wide = UInt64(word & 0x80) << 1 | UInt64(word & 0x7F)
    return SmallFloat.widened(wide, exponentBits: 5, mantissaBits: 3) * 256
  }
}
