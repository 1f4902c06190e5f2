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

  init(_ tensor: Tensor) {
    let count = Double(max(1, tensor.values.count))
    let mean = tensor.values.reduce(0.0) { $0 + Double($1) } / count
    for value in tensor.values {
      let distance = Double(value) - mean
      largest = value.isNaN ? .nan : Swift.max(largest, Double(abs(value)))
      variance += distance * distance / count
    }
  }

  /// The mean square of what rounding of the values themselves may do: two units in the last place of the
  /// largest.
  var rounding: Double {
    let step = largest * 0x1p-22
    return step * step
  }
}
