// The types with blocks of 32 elements and one scale. A nibble of byte j holds element j (low) or 16 + j (high).

/// A scale, and 4 bits for each element, from −8 on.
enum Q4_0: BlockFormat {
  static var elements: Int { 32 }
  static var bytes: Int { 18 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let scale = block.half(at: 0)
    for j in 0..<16 {
      let byte = block[2 + j]
      values[j] = scale * Float(Int32(byte & 15) - 8)
      values[16 + j] = scale * Float(Int32(byte >> 4) - 8)
    }
  }
}

/// A scale, an offset, and 4 bits for each element.
enum Q4_1: BlockFormat {
  static var elements: Int { 32 }
  static var bytes: Int { 20 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let (scale, offset) = (block.half(at: 0), block.half(at: 2))
    for j in 0..<16 {
      let byte = block[4 + j]
      values[j] = scale * Float(byte & 15) + offset
      values[16 + j] = scale * Float(byte >> 4) + offset
    }
  }
}

/// A scale, and 5 bits for each element, from −16 on. The fifth bits lie together.
enum Q5_0: BlockFormat {
  static var elements: Int { 32 }
  static var bytes: Int { 22 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let scale = block.half(at: 0)
    let high = block.word(at: 2)
    for j in 0..<16 {
      let byte = UInt32(block[6 + j])
      let low = byte & 15 | (high &>> UInt32(j) & 1) << 4
      let upper = byte >> 4 | (high &>> UInt32(16 + j) & 1) << 4
      values[j] = scale * Float(Int32(bitPattern: low) - 16)
      values[16 + j] = scale * Float(Int32(bitPattern: upper) - 16)
    }
  }
}

/// A scale, an offset, and 5 bits for each element. The fifth bits lie together.
enum Q5_1: BlockFormat {
  static var elements: Int { 32 }
  static var bytes: Int { 24 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let (scale, offset) = (block.half(at: 0), block.half(at: 2))
    let high = block.word(at: 4)
    for j in 0..<16 {
      let byte = UInt32(block[8 + j])
      let low = byte & 15 | (high &>> UInt32(j) & 1) << 4
      let upper = byte >> 4 | (high &>> UInt32(16 + j) & 1) << 4
      values[j] = scale * Float(Int32(bitPattern: low)) + offset
      values[16 + j] = scale * Float(Int32(bitPattern: upper)) + offset
    }
  }
}

/// A scale, and 8 bits with sign for each element.
enum Q8_0: BlockFormat {
  static var elements: Int { 32 }
  static var bytes: Int { 34 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let scale = block.half(at: 0)
    for j in 0..<32 { values[j] = scale * Float(Int8(bitPattern: block[2 + j])) }
  }
}
