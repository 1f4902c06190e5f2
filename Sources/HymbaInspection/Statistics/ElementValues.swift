import HymbaFormat
import HymbaModel

/// Stored floating-point numbers, read from their bytes.
enum ElementValues {
  /// Passes each element as a word of its size.
  @inline(__always)
  static func forEachWord<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan, _ type: Word.Type, _ body: (Word) -> Void
  ) {
    unsafe bytes.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      let size = MemoryLayout<Word>.size
      for index in 0..<source.count / size {
        // The index is below the number of whole words, and every bit pattern is a valid integer.
        body(
          Word(littleEndian: unsafe base.loadUnaligned(fromByteOffset: index &* size, as: Word.self)))
      }
    }
  }

  /// The elements as 64-bit floats, which is exact for every type.
  static func doubles(_ bytes: RawSpan, _ type: ElementType) -> [Double] {
    guard type == .float64 else { return (Widening.floats(bytes, type) ?? []).map(Double.init) }
    var values: [Double] = []
    values.reserveCapacity(bytes.byteCount / 8)
    forEachWord(bytes, UInt64.self) { values.append(Double(bitPattern: $0)) }
    return values
  }

  /// The value of every word of a type of 8 or 16 bits, by the word.
  static func values(_ type: ElementType) -> [Double] {
    var bytes: [UInt8] = []
    for word in 0..<1 << type.bitSize {
      bytes.append(UInt8(word & 0xFF))
      if type.byteSize == 2 { bytes.append(UInt8(word >> 8)) }
    }
    return doubles(bytes.raw, type)
  }
}
