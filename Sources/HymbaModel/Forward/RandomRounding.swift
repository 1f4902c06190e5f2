/// Moves values at random by what rounding to 32 bits leaves open, so that a second pass shows how far rounding
/// carries in a model.
///
/// Two computations of one number, each right to half a unit in the last place, differ by up to one unit. So each
/// value becomes its neighbour above or below, each one time in four, or stays what it is. Zero stays: nothing was
/// rounded to give it. What a value becomes depends on the seed, the value and its position alone, whatever threads
/// do.
struct RandomRounding: Sendable {
  let seed: UInt64

  /// Complexity: one number of the generator for each value.
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
