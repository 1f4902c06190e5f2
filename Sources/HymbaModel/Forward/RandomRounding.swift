/// Moves values at random within the uncertainty of rounding to 32 bits, so that a second pass shows how far
/// rounding carries in a model.
///
/// Two computations of one number, each right to half a unit in the last place, differ by up to one unit. So
/// each value becomes its neighbour above or below, each with probability 1/4, or stays as it is. Zeros stay,
/// because no rounding led to them; subnormal, infinite and NaN values stay too. The result depends only on the
/// seed, the value and its position, whatever the threads do.
struct RandomRounding: Sendable {
  let seed: UInt64

  /// - Complexity: Linear: one number of the generator for each value.
  func callAsFunction(_ x: consuming Matrix) -> Matrix {
    var values = x.values.mutableSpan
    for index in values.indices { values[index] = moved(values[index], index) }
    return x
  }

  private func moved(_ value: Float, _ index: Int) -> Float {
    guard value.isNormal else { return value }
    let bits = SplitMix64.value(
      seed: seed ^ UInt64(value.bitPattern), index: UInt64(truncatingIfNeeded: index))
    switch bits >> 62 {
    case 0: return Float(bitPattern: value.bitPattern &+ 1)
    case 1: return Float(bitPattern: value.bitPattern &- 1)
    default: return value
    }
  }
}
