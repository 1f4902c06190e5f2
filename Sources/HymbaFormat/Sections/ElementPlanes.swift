/// The rearrangement that makes tensors compressible. A plane holds the bytes of equal significance of all
/// elements; the most significant plane is first.
///
/// Trained weights differ little in their exponents, which sit in the top bits behind the sign. So floats are
/// first rotated left by one bit within their own width: the sign moves to the bottom bit and the exponent to
/// the top. The mantissa planes are noise and are stored as they are.
enum ElementPlanes {
  /// The number of planes of a tensor of this type: the bytes of one element.
  static func count(for type: ElementType) -> Int { type.byteSize }

  /// Splits elements into planes. Both buffers have the same size, a multiple of the element's size.
  static func split(_ elements: RawSpan, _ type: ElementType, into planes: inout MutableRawSpan) {
    let count = elements.byteCount / type.byteSize
    unsafe elements.withUnsafeBytes { source in
      unsafe planes.withUnsafeMutableBytes { target in
        // Both buffers hold count * byteSize bytes, and no loop below goes further.
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        switch (type.byteSize, type.isFloatingPoint) {
        case (1, false): unsafe target.copyMemory(from: source, byteCount: count)
        case (1, true): unsafe splitWords(UInt8.self, 1, count, source, target)
        case (2, let rotate): unsafe splitWords(UInt16.self, rotate ? 1 : 0, count, source, target)
        case (4, let rotate): unsafe splitWords(UInt32.self, rotate ? 1 : 0, count, source, target)
        case (_, let rotate): unsafe splitWords(UInt64.self, rotate ? 1 : 0, count, source, target)
        }
      }
    }
  }

  /// Merges planes into elements: the inverse of ``split(_:_:into:)``.
  static func merge(_ planes: RawSpan, _ type: ElementType, into elements: inout MutableRawSpan) {
    let count = planes.byteCount / type.byteSize
    unsafe planes.withUnsafeBytes { source in
      unsafe elements.withUnsafeMutableBytes { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        switch (type.byteSize, type.isFloatingPoint) {
        case (1, false): unsafe target.copyMemory(from: source, byteCount: count)
        case (1, true): unsafe mergeWords(UInt8.self, 1, count, source, target)
        case (2, let rotate): unsafe mergeWords(UInt16.self, rotate ? 1 : 0, count, source, target)
        case (4, let rotate): unsafe mergeWords(UInt32.self, rotate ? 1 : 0, count, source, target)
        case (_, let rotate): unsafe mergeWords(UInt64.self, rotate ? 1 : 0, count, source, target)
        }
      }
    }
  }

  @inline(__always)
  private static func splitWords<Word: FixedWidthInteger & UnsignedInteger>(
    _: Word.Type, _ rotation: Word, _ count: Int, _ source: UnsafeRawPointer,
    _ target: UnsafeMutableRawPointer
  ) {
    let width = Word(Word.bitWidth)
    let back = (width &- rotation) % width
    let size = MemoryLayout<Word>.size
    for index in 0..<count {
      let word = unsafe Word(
        littleEndian: source.loadUnaligned(fromByteOffset: index &* size, as: Word.self))
      let rotated = word &<< rotation | word &>> back
      for plane in 0..<size {
        let byte = UInt8(truncatingIfNeeded: rotated &>> Word(8 &* (size &- 1 &- plane)))
        unsafe target.storeBytes(of: byte, toByteOffset: plane &* count &+ index, as: UInt8.self)
      }
    }
  }

  @inline(__always)
  private static func mergeWords<Word: FixedWidthInteger & UnsignedInteger>(
    _: Word.Type, _ rotation: Word, _ count: Int, _ source: UnsafeRawPointer,
    _ target: UnsafeMutableRawPointer
  ) {
    let width = Word(Word.bitWidth)
    let back = (width &- rotation) % width
    let size = MemoryLayout<Word>.size
    for index in 0..<count {
      var rotated: Word = 0
      for plane in 0..<size {
        let byte = unsafe source.load(fromByteOffset: plane &* count &+ index, as: UInt8.self)
        rotated |= Word(byte) &<< Word(8 &* (size &- 1 &- plane))
      }
      let word = rotated &>> rotation | rotated &<< back
      unsafe target.storeBytes(
        of: word.littleEndian, toByteOffset: index &* size, as: Word.self)
    }
  }
}
