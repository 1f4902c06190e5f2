// The K types of 2 and 3 bits: blocks of 256 elements in groups of 16, each with its own small scale.
//
// Element i lies in half h = i / 128, row k = i / 32 % 4 and column l = i % 32. Its two bits are bits 2k and 2k +
// 1 of byte 32h + l of the low bits.

/// 4 bits of scale and 4 bits of minimum for each group, and 2 bits for each element.
enum Q2K: BlockFormat {
  static var elements: Int { 256 }
  static var bytes: Int { 84 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let (scale, minimum) = (block.half(at: 80), block.half(at: 82))
    for group in 0..<16 {
      let scales = block[group]
      let step = scale * Float(scales & 15)
      let least = minimum * Float(scales >> 4)
      let low = 16 + 32 * (group / 8) + 16 * (group % 2)
      let shift = UInt8(2 * (group / 2 % 4))
      for l in 0..<16 {
        values[16 * group + l] = step * Float(block[low + l] &>> shift & 3) - least
      }
    }
  }
}

/// 6 bits of scale for each group, and 3 bits for each element, from −4 on. The third bits lie apart, and count
/// the other way round: an element without it is 4 less.
enum Q3K: BlockFormat {
  static var elements: Int { 256 }
  static var bytes: Int { 110 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let scale = block.half(at: 108)
    for group in 0..<16 {
      let low = block[96 + group % 8] &>> UInt8(group / 8 * 4) & 15
      let high = block[104 + group % 4] &>> UInt8(2 * (group / 4)) & 3
      let step = scale * Float(Int32(low | high << 4) - 32)
      let column = 16 * (group % 2)
      let row = 32 + 32 * (group / 8) + column
      let shift = UInt8(2 * (group / 2 % 4))
      let bit = UInt8(group / 2)
      for l in 0..<16 {
        let third = block[column + l] &>> bit & 1
        let number = Int32(block[row + l] &>> shift & 3 | third << 2) - 4
        values[16 * group + l] = step * Float(number)
      }
    }
  }
}
