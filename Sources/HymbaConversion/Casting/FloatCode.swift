/// Decodes the bit patterns of one floating-point type.
///
/// `Double` holds every value of these types exactly. A cast is one exact ``decode(_:)`` followed by one
/// ``FloatCode/encode(_:)``. Only `encode` rounds, so no value is rounded twice.
protocol FloatDecoding {
  associatedtype Word: FixedWidthInteger & UnsignedInteger

  /// The exact value of a bit pattern. A NaN stays a NaN.
  static func decode(_ word: Word) -> Double
}

/// Decodes and encodes the bit patterns of a floating-point type that tensors can be cast to.
protocol FloatCode: FloatDecoding {
  /// The bit pattern of positive infinity.
  static var infinity: Word { get }

  /// The bit pattern of the nearest number. Of two equally near numbers it is the one whose last bit is 0 (IEEE
  /// 754 roundTiesToEven).
  ///
  /// A value that exceeds the largest number by at least half a step becomes infinite. A value of at most half
  /// the smallest number becomes zero. Signs are kept. A NaN becomes a quiet NaN.
  static func encode(_ value: Double) -> Word
}

enum Float64Code: FloatCode {
  static var infinity: UInt64 { 0x7FF << 52 }
  @inline(__always)
  static func decode(_ word: UInt64) -> Double { Double(bitPattern: word) }
  @inline(__always)
  static func encode(_ value: Double) -> UInt64 { value.bitPattern }
}

/// F32, converted by the processor's own instructions, which round to nearest, ties to even.
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

/// BF16: the upper 16 bits of an F32.
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

/// FP8 E4M3 as machine learning uses it (E4M3FN): it has no infinities, and only the two patterns whose lower
/// seven bits are all ones are NaN.
enum Float8E4M3Code: FloatDecoding {
  @inline(__always)
  static func decode(_ word: UInt8) -> Double {
    if word & 0x7F == 0x7F { return .nan }
    // The pattern is decoded with five exponent bits instead of four. The largest exponent is then an ordinary
    // one. The bias becomes 15 instead of 7, which the factor 2^8 makes up for.
    let wide = UInt64(word & 0x80) << 1 | UInt64(word & 0x7F)
    return SmallFloat.widened(wide, exponentBits: 5, mantissaBits: 3) * 256
  }
}
