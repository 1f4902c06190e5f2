import HymbaFormat

extension CastCounts {
  /// What storing numbers in a type did to them.
  ///
  /// A number that is small beside the others of its block is zero in Q8_0, which is as exact as these are. Only the
  /// numbers of a block whose scale is zero in F16 count as flushed.
  ///
  /// - Parameters:
  ///   - values: The numbers of whole blocks.
  ///   - bytes: The blocks. Of other types than F16, BF16 and Q8_0 nothing is counted.
  ///   - first: The index of the first block that is counted.
  init(of values: [Float], stored bytes: [UInt8], as type: GGUFType, fromBlock first: Int) {
    self.init()
    let values = values.span
    let bytes = bytes.span
    switch type {
    case .f16: addWords(values, bytes, infinity: 0x7C00, from: first)
    case .bf16: addWords(values, bytes, infinity: 0x7F80, from: first)
    case .q8_0:
      for block in first..<max(first, bytes.count / type.blockBytes) {
        var nonzero = 0
        for index in 0..<type.blockElements where values[block * type.blockElements + index] != 0 { nonzero += 1 }
        self.nonzero += nonzero
        if Self.magnitude(bytes, at: block * type.blockBytes) == 0 { flushed += nonzero }
      }
    default: break
    }
  }

  /// Adds numbers that are stored in 16 bits each.
  private mutating func addWords(
    _ values: Span<Float>, _ bytes: Span<UInt8>, infinity: UInt16, from first: Int
  ) {
    for index in first..<max(first, values.count) {
      let (value, stored) = (values[index], Self.magnitude(bytes, at: 2 * index))
      nonzero += value != 0 ? 1 : 0
      flushed += stored == 0 && value != 0 ? 1 : 0
      overflowed += stored == infinity && value.isFinite ? 1 : 0
    }
  }

  /// The bits of a number of 16 bits without its sign.
  private static func magnitude(_ bytes: Span<UInt8>, at offset: Int) -> UInt16 {
    (UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8) & 0x7FFF
  }
}
