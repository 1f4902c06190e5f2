import HymbaModel

/// The difference of two computations of a tensor.
struct Difference: Hashable, Sendable {
  /// The largest absolute difference; NaN where a difference is NaN.
  var largest = 0.0
  /// The mean of the squared differences.
  var meanSquare = 0.0

  /// No difference.
  init() {}

  /// - Precondition: Both tensors have the same number of values.
  init(_ got: Tensor, _ expected: Tensor) {
    var squares = 0.0
    for (value, reference) in zip(got.values, expected.values) {
      let error = Double(value) - Double(reference)
      // NaN compares as neither larger nor smaller, so it is carried along explicitly.
      largest = error.isNaN ? .nan : Swift.max(largest, abs(error))
      squares += error * error
    }
    meanSquare = squares / Double(Swift.max(1, expected.values.count))
  }

  /// The larger of both differences in each measure.
  func union(_ other: Difference) -> Difference {
    var union = self
    union.largest = Self.larger(largest, other.largest)
    union.meanSquare = Self.larger(meanSquare, other.meanSquare)
    return union
  }

  /// The larger of two numbers; NaN where one is NaN, which `max` may drop.
  static func larger(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : Swift.max(a, b) }
}

/// The magnitude and the variance of a tensor's values.
struct Spread: Hashable, Sendable {
  /// The largest magnitude; NaN where a value is NaN.
  var largest = 0.0
  /// The population variance.
  var variance = 0.0

  /// The spread of values that are not there, of which only the largest magnitude counts.
  init(largest: Double) { self.largest = largest }

  init(_ tensor: Tensor) { self.init(tensor.values) }

  init(_ values: some Collection<Float>) {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    for value in values {
      let distance = Double(value) - mean
      largest = value.isNaN ? .nan : Swift.max(largest, Double(abs(value)))
      variance += distance * distance / count
    }
  }

  /// Whether all values are zero, or so small (subnormal) that 32 bits do not hold all of their digits.
  var isZero: Bool { largest < Double(Float.leastNormalMagnitude) }

  /// The divisor of relative errors: the largest magnitude, or 1 where all values are zero, so that the
  /// absolute error counts.
  var scale: Double { isZero ? 1 : largest }

  /// The mean square of the errors that rounding of the values themselves may cause: two units in the last
  /// place of the largest value.
  var rounding: Double {
    let step = largest * 0x1p-22
    return step * step
  }

  /// Whether the values vary by more than their own rounding, so that their variance can serve as a measure of
  /// errors.
  var varies: Bool { !isZero && variance > rounding }
}
