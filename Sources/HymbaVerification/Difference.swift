import HymbaModel

/// How far one computation of a tensor is from another.
struct Difference: Hashable, Sendable {
  /// NaN where one of them is no number.
  var largest = 0.0
  var meanSquare = 0.0

  /// Nothing.
  init() {}

  /// - Precondition: as many values in both.
  init(_ got: Tensor, _ expected: Tensor) {
    var squares = 0.0
    for (value, reference) in zip(got.values, expected.values) {
      let error = Double(value) - Double(reference)
      // NaN compares as neither larger nor smaller: carry it along explicitly.
      largest = error.isNaN ? .nan : Swift.max(largest, abs(error))
      squares += error * error
    }
    meanSquare = squares / Double(Swift.max(1, expected.values.count))
  }

  /// The larger of both in each respect.
  func union(_ other: Difference) -> Difference {
    var union = self
    union.largest = Swift.max(largest, other.largest)
    union.meanSquare = Swift.max(meanSquare, other.meanSquare)
    return union
  }
}

/// How large the values of a tensor are.
struct Spread: Hashable, Sendable {
  /// The largest magnitude; NaN where a value is none.
  var largest = 0.0
  var variance = 0.0

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

  /// Whether all values are zero, or below the least number of which 32 bits hold every digit.
  var isZero: Bool { largest < Double(Float.leastNormalMagnitude) }

  /// What an error is relative to: the largest magnitude, or 1 beside zeros, so that the absolute error counts.
  var scale: Double { isZero ? 1 : largest }

  /// The mean square of what rounding of the values themselves may do: two units in the last place of the
  /// largest.
  var rounding: Double {
    let step = largest * 0x1p-22
    return step * step
  }

  /// Whether the values differ from each other by more than their own rounding, so that an error can be measured
  /// by how they do.
  var varies: Bool { !isZero && variance > rounding }
}
