/// Keys of numbers that are in the order of the numbers. Numbers that agree in sign, exponent and the first ten
/// bits of the fraction have the same key.
enum FloatKey {
  /// The bits of a 32-bit float that a key leaves out.
  private static let dropped: UInt32 = 13
  /// The number of keys.
  static let count = 1 << (32 - Int(dropped))
  /// The key of the smallest positive numbers, and of zero.
  static let zero = count / 2
  /// The largest difference between two numbers with the same key, relative to either: 2^-10. Numbers below the
  /// smallest normal 32-bit float differ by at most 2^-136.
  static let relativeWidth = 0x1p-10

  @inline(__always)
  static func key(_ value: Float) -> Int {
    let bits = value.bitPattern
    let ordered = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    return Int(ordered >> dropped)
  }

  /// The smallest and the largest number with a key.
  static func range(_ key: Int) -> ClosedRange<Double> {
    let first = UInt32(key) << dropped
    let ends = [first, first | (1 << dropped - 1)].map { ordered in
      Double(
        Float(bitPattern: ordered >> 31 == 1 ? ordered & 0x7FFF_FFFF : ~ordered))
    }
    return ends[0]...ends[1]
  }
}
