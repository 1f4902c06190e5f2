/// A type of GGUF that is F32 after reading. The elements of a row are stored in blocks of one size, each with its own scale.
///
/// Every product of the formulas is exact in F32, as a scale of 16 bits has 11 digits and the other factors 12
/// together. So the last addition alone rounds, and the order of operations does not matter.
protocol BlockFormat {
  /// Elements of a block.
  static var elements: Int { get }
  /// Bytes of a block.
  static var bytes: Int { get }

  /// Writes the elements of one block.
  /// - Precondition: `block` has ``bytes`` bytes, and `values` room for ``elements``.
  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>)

  /// Writes the elements of as many blocks as there are in `blocks`.
  /// - Precondition: `values` has room for all of them.
  static func decodeAll(_ blocks: Span<UInt8>, into values: inout MutableSpan<Float>)
}

extension BlockFormat {
  static func decodeAll(_ blocks: Span<UInt8>, into values: inout MutableSpan<Float>) {
    for index in 0..<blocks.count / bytes {
      let block = blocks.extracting(index * bytes..<(index + 1) * bytes)
      var part = values._mutatingExtracting(index * elements..<(index + 1) * elements)
      decode(block, into: &part)
    }
  }
}

extension Span<UInt8> {
  /// The little-endian F16 number at byte `offset`.
  @inline(__always)
  func half(at offset: Int) -> Float {
    Float(Float16(bitPattern: UInt16(self[offset]) | UInt16(self[offset + 1]) << 8))
  }

  /// The little-endian number of 32 bits at byte `offset`.
  @inline(__always)
  func word(at offset: Int) -> UInt32 {
    UInt32(self[offset]) | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2]) << 16
      | UInt32(self[offset + 3]) << 24
  }
}
