import HymbaFormat

/// The distances between neighbouring numbers of a floating-point type.
struct FloatSteps: Sendable {
  /// The distance behind 1.
  let epsilon: Double
  /// The smallest positive number, which is the distance behind 0.
  let smallest: Double
  /// The step of a number in 64 bits, times this, is its step in the type.
  private let factor: Double

  /// - Returns: Nil for a type without readable numbers.
  init?(_ type: ElementType) {
    let (digits, smallestExponent): (Int, Int)
    switch type {
    case .float64: (digits, smallestExponent) = (52, -1074)
    case .float32: (digits, smallestExponent) = (23, -149)
    case .float16: (digits, smallestExponent) = (10, -24)
    case .bfloat16: (digits, smallestExponent) = (7, -133)
    case .float8E4M3: (digits, smallestExponent) = (3, -9)
    case .float8E5M2: (digits, smallestExponent) = (2, -16)
    default: return nil
    }
    self.epsilon = Double(sign: .plus, exponent: -digits, significand: 1)
    self.smallest = Double(sign: .plus, exponent: smallestExponent, significand: 1)
    self.factor = Double(sign: .plus, exponent: 52 - digits, significand: 1)
  }

  /// The distance from a number to the next larger one in magnitude.
  func step(at value: Double) -> Double { max(value.ulp * factor, smallest) }

  /// Whether two numbers differ by no more than some units in the last place of `value`, or are both NaN.
  func isNear(_ other: Double, _ value: Double, units: Double) -> Bool {
    other == value || other.isNaN && value.isNaN
      || value.isFinite && abs(other - value) <= units * (abs(value) * epsilon + smallest)
  }
}
