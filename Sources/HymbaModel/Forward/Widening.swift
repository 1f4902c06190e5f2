package import HymbaFormat

/// Converts stored floating-point numbers to 32-bit floats. The conversion is exact for every type but F64,
/// which is rounded.
package enum Widening {
  /// - Parameter bytes: Little-endian elements of `type`.
  /// - Returns: Nil when the type is not a floating-point type.
  package static func floats(_ bytes: RawSpan, _ type: ElementType) -> [Float]? {
    guard type.isFloatingPoint else { return nil }
    let count = bytes.byteCount / type.byteSize
    return unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe widen(bytes, type, into: buffer)
      initialized = count
    }
  }

  /// Fills `target` with as many elements as it holds. For a type that is not a floating-point type, nothing is
  /// written.
  ///
  /// - Precondition: `bytes` holds at least as many elements.
  static func widen(
    _ bytes: RawSpan, _ type: ElementType, into target: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(bytes.byteCount >= target.count * type.byteSize, "as many elements as are wanted")
    switch type {
    case .float32: unsafe map(bytes, target) { (word: UInt32) in Float(bitPattern: word) }
    case .bfloat16:
      unsafe bytes.withUnsafeBytes { source in
        guard let base = source.baseAddress else { return }
        unsafe Kernels.widenBFloat16(base, into: target)
      }
    case .float16:
      unsafe bytes.withUnsafeBytes { source in
        guard let base = source.baseAddress else { return }
        unsafe Kernels.widenFloat16(base, into: target)
      }
    case .float64: unsafe map(bytes, target) { (word: UInt64) in Float(Double(bitPattern: word)) }
    // E5M2 is the upper half of a 16-bit float.
    case .float8E5M2:
      unsafe map(bytes, target) { (byte: UInt8) in Float(Float16(bitPattern: UInt16(byte) << 8)) }
    case .float8E4M3: unsafe map(bytes, target) { (byte: UInt8) in fromE4M3(byte) }
    default: break
    }
  }

  /// Converts an E4M3 number: one sign bit, four exponent bits with bias 7, three mantissa bits. There are no
  /// infinities; NaN has all exponent and mantissa bits set (arXiv 2209.05433, table 1).
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

  @inline(__always)
  private static func map<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan, _ target: UnsafeMutableBufferPointer<Float>, _ convert: (Word) -> Float
  ) {
    unsafe bytes.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      for index in 0..<target.count {
        // The caller has checked that there are as many elements. Every bit pattern is a valid integer.
        let word = unsafe base.loadUnaligned(
          fromByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
        unsafe target[index] = convert(Word(littleEndian: word))
      }
    }
  }
}
