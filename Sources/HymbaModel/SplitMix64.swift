/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { self.state = seed }

  package mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The output function of the generator.
  static func mix(_ state: UInt64) -> UInt64 {
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The `index`-th number of the generator with this seed, counted from 0.
  static func value(seed: UInt64, index: UInt64) -> UInt64 {
    mix(seed &+ (index &+ 1) &* increment)
  }

  /// The upper 53 bits as a number from 0 to below 1.
  static func fraction(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

  /// The upper 24 bits as a number in [-1, 1).
  package static func unit(_ bits: UInt64) -> Float { Float(bits >> 40) / Float(1 << 23) - 1 }
}
