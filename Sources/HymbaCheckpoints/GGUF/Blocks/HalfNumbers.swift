// The types of 16 bits. Each number is a block of its own, and every one of them is exact in F32.

/// IEEE half precision.
enum F16: BlockFormat {
  static var elements: Int { 1 }
  static var bytes: Int { 2 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    values[0] = block.half(at: 0)
  }

  static func decodeAll(_ blocks: Span<UInt8>, into values: inout MutableSpan<Float>) {
    for index in 0..<blocks.count / 2 { values[index] = blocks.half(at: 2 * index) }
  }
}

/// The upper half of an F32.
enum BF16: BlockFormat {
  static var elements: Int { 1 }
  static var bytes: Int { 2 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    values[0] = number(block, 0)
  }

  static func decodeAll(_ blocks: Span<UInt8>, into values: inout MutableSpan<Float>) {
    for index in 0..<blocks.count / 2 { values[index] = number(blocks, 2 * index) }
  }

  @inline(__always)
  private static func number(_ bytes: Span<UInt8>, _ offset: Int) -> Float {
    Float(bitPattern: UInt32(bytes[offset]) << 16 | UInt32(bytes[offset + 1]) << 24)
  }
}
