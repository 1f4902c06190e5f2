// The K types of 4 bits and more: blocks of 256 elements in groups of 32 or 16, each with its own small scale.

/// The small scale and the small minimum of group `t` of eight, 6 bits each, packed into 12 bytes from byte 4 on.
@inline(__always)
private func packedScales(_ block: Span<UInt8>, _ t: Int) -> (scale: Float, minimum: Float) {
  guard t >= 4 else { return (Float(block[4 + t] & 63), Float(block[8 + t] & 63)) }
  let low = block[8 + t]
  return (
    Float(low & 15 | (block[t] >> 6) << 4), Float(low >> 4 | (block[4 + t] >> 6) << 4)
  )
}

/// 6 bits of scale and minimum for each group of 32, and 4 bits for each element.
enum Q4K: BlockFormat {
  static var elements: Int { 256 }
  static var bytes: Int { 144 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let (scale, minimum) = (block.half(at: 0), block.half(at: 2))
    for t in 0..<8 {
      let small = packedScales(block, t)
      let (step, least) = (scale * small.scale, minimum * small.minimum)
      let row = 16 + 32 * (t / 2)
      let shift = UInt8(4 * (t % 2))
      for l in 0..<32 {
        values[32 * t + l] = step * Float(block[row + l] &>> shift & 15) - least
      }
    }
  }
}

/// 6 bits of scale and minimum for each group of 32, and 5 bits for each element. The fifth bits lie apart.
enum Q5K: BlockFormat {
  static var elements: Int { 256 }
  static var bytes: Int { 176 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let (scale, minimum) = (block.half(at: 0), block.half(at: 2))
    for t in 0..<8 {
      let small = packedScales(block, t)
      let (step, least) = (scale * small.scale, minimum * small.minimum)
      let row = 48 + 32 * (t / 2)
      let shift = UInt8(4 * (t % 2))
      for l in 0..<32 {
        let number = block[row + l] &>> shift & 15 | (block[16 + l] &>> UInt8(t) & 1) << 4
        values[32 * t + l] = step * Float(number) - least
      }
    }
  }
}

/// 8 bits of scale with sign for each group of 16, and 6 bits for each element, from −32 on. The upper two bits
/// lie apart.
enum Q6K: BlockFormat {
  static var elements: Int { 256 }
  static var bytes: Int { 210 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let scale = block.half(at: 208)
    for group in 0..<16 {
      let step = scale * Float(Int8(bitPattern: block[192 + group]))
      let (half, row, column) = (group / 8, group / 2 % 4, 16 * (group % 2))
      let low = 64 * half + 32 * (row % 2) + column
      let high = 128 + 32 * half + column
      let (lowShift, highShift) = (UInt8(4 * (row / 2)), UInt8(2 * row))
      for l in 0..<16 {
        let number = block[low + l] &>> lowShift & 15 | (block[high + l] &>> highShift & 3) << 4
        values[16 * group + l] = step * Float(Int32(number) - 32)
      }
    }
  }
}

/// A scale of 32 bits, and 8 bits with sign for each element. Sums of groups follow, which are not needed.
enum Q8K: BlockFormat {
  static var elements: Int { 256 }
  static var bytes: Int { 292 }

  static func decode(_ block: Span<UInt8>, into values: inout MutableSpan<Float>) {
    let scale = Float(bitPattern: block.word(at: 0))
    for l in 0..<256 { values[l] = scale * Float(Int8(bitPattern: block[4 + l])) }
  }
}
