import HymbaFormat
import HymbaModel

/// Computes a part of the model again and again, and compares its captures with those that the reference holds.
struct CauseTrial {
  let reference: Reference
  let tolerance: Tolerance
  /// The number of layers of the model.
  let layers: Int
  let noise: RoundingNoise?
  /// Computes the part as a pass describes it.
  let compute: (ForwardPass, (Capture, Tensor) throws -> Void) throws -> Void

  /// What was computed.
  struct Result {
    /// The captures that the reference holds, in the order of computation.
    var tensors: [(name: String, tensor: Tensor)] = []
    var comparisons: [CaptureComparison] = []

    var passes: Bool { !comparisons.isEmpty && comparisons.allSatisfy(\.passed) }

    /// The largest relative error of a capture.
    var error: Double {
      comparisons.reduce(0) { Difference.larger($0, $1.maxRelativeError ?? .infinity) }
    }

    /// Whether the captures agree, and those that differed before do so by far: an error that was merely pushed
    /// below its bound explains nothing.
    func explains(_ before: Result) -> Bool {
      passes
        && zip(comparisons, before.comparisons).allSatisfy { now, before in
          before.passed
            || now.maxAbsError ?? .infinity <= (before.maxAbsError ?? .infinity) / share
        }
    }

    /// How many times smaller an error has to become.
    fileprivate let share: Double
  }

  /// The rounding of a lower precision stays, and may be a third of what an alternative removes.
  private var share: Double { tolerance.like == nil ? 10 : 3 }

  func callAsFunction(_ pass: ForwardPass) throws -> Result {
    var result = Result(share: share)
    try compute(pass) { capture, tensor in
      guard capture.isRecorded,
        case let tolerance = tolerance.ofReference(capture.name, layers: layers),
        var comparison = try reference.compare(capture.name, with: tensor, tolerance: tolerance)
      else { return }
      comparison.judge(by: tolerance, noise: noise?.captures[capture.name])
      result.tensors.append((capture.name, tensor))
      result.comparisons.append(comparison)
    }
    return result
  }

  /// The expected values of a result's captures less the computed ones, each divided by the largest expected
  /// magnitude of its capture.
  ///
  /// - Throws: The errors of reading the reference.
  func residual(_ result: Result) throws -> [Double] {
    try result.tensors.flatMap { name, tensor -> [Double] in
      guard let expected = try reference.floats(name, like: tensor) else { return [] }
      let scale = Spread(expected).scale
      return zip(expected.values, tensor.values).map { (Double($0) - Double($1)) / scale }
    }
  }
}
