import HymbaFormat

/// Stored floating-point numbers as 32-bit floats; exact for every type but F64, which is rounded.
enum Widening {
  /// - Parameter bytes: Little-endian elements of `type`.
  /// - Returns: nil when the type is not a floating-point type.
  static func floats(_ bytes: RawSpan, _ type: ElementType) -> [Float]? {
    switch type {
    case .float32: map(bytes, UInt32.self) { Float(bitPattern: $0) }
    case .bfloat16: map(bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float16: map(bytes, UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .float64: map(bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
    // E5M2 is the upper half of a 16-bit float.
    case .float8E5M2: map(bytes, UInt8.self) { Float(Float16(bitPattern: UInt16($0) << 8)) }
    case .float8E4M3: map(bytes, UInt8.self) { fromE4M3($0) }
    default: nil
    }
  }

  /// One sign bit, four exponent bits with bias 7, three mantissa bits; no infinities, all ones is NaN
  /// (arXiv 2209.05433, table 1).
  static func fromE4M3(_ byte: UInt8) -> Float {
    let exponent = Int(byte >> 3 & 0xF)
    let mantissa = Float(byte & 7)
    if byte & 0x7F == 0x7F { return .nan }
    let magnitude =
      exponent == 0
      ? Float(sign: .plus, exponent: -9, significand: mantissa)
      : Float(sign: .plus, exponent: exponent - 7, significand: 1 + mantissa / 8)
    return byte & 0x80 == 0 ? magnitude : -magnitude
  }

  private static func map<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan, _: Word.Type, _ convert: (Word) -> Float
  ) -> [Float] {
    let size = MemoryLayout<Word>.size
    return (0..<bytes.byteCount / size).map { index in
      // Every bit pattern is an integer.
      convert(
        Word(
          littleEndian: unsafe bytes.unsafeLoadUnaligned(
            fromByteOffset: index * size, as: Word.self)))
    }
  }
}
