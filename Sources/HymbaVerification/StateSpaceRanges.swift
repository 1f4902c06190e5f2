import HymbaFormat
import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// The ranges of the numbers that decide how long the state space branches of a model remember.
struct StateSpaceRanges {
  /// The time steps that the biases alone give, within the bounds of each branch; nil where no branch has a
  /// bias.
  private(set) var timeSteps: ClosedRange<Double>?
  /// The parameters A_log with numbers beyond ``logarithms``, each with its range.
  private(set) var unusual: [String] = []

  /// The logarithms of decay rates that have any use. With usual time steps, a state that decays faster forgets
  /// everything at once, and one that decays more slowly forgets nothing in a million tokens.
  private static let logarithms: ClosedRange<Float> = -16...16

  /// Whether the smallest and the largest number of a parameter are needed.
  static func needsRange(_ name: String) -> Bool {
    ["mamba.dt_proj.bias", "mamba.dt_bias", "mamba.A_log"].contains { name.hasSuffix($0) }
  }

  /// - Parameter numbers: The counts of each parameter, over all of its numbers.
  init(_ numbers: [String: TensorNumbers], _ architecture: Architecture) {
    for (index, layer) in architecture.layers.enumerated() {
      guard let branch = layer.stateSpace else { continue }
      let prefix = "layers.\(index).mamba"
      if let bias = numbers["\(prefix).\(branch.timeStepBias)"]?.range {
        let steps = branch.timeSteps(bias)
        timeSteps = timeSteps.map {
          min($0.lowerBound, steps.lowerBound)...max($0.upperBound, steps.upperBound)
        } ?? steps
      }
      if let range = numbers["\(prefix).A_log"]?.range,
        range.clamped(to: Self.logarithms) != range
      {
        unusual.append(
          "\(prefix).A_log (\(Double(range.lowerBound).shortText) to \(Double(range.upperBound).shortText))")
      }
    }
  }
}

extension Architecture.StateSpace {
  /// The name of the bias of the time steps below the branch's name.
  fileprivate var timeStepBias: String { mamba2 == nil ? "dt_proj.bias" : "dt_bias" }

  /// The time steps that biases alone give: their softplus, within the bounds of the branch.
  fileprivate func timeSteps(_ bias: ClosedRange<Float>) -> ClosedRange<Double> {
    let lower = mamba?.timeStepClip?.lower ?? mamba2?.timeStepLimits?.lower ?? 0
    let upper = mamba?.timeStepClip?.upper ?? mamba2?.timeStepLimits?.upper ?? .infinity
    return (softplus(Double(bias.lowerBound))...softplus(Double(bias.upperBound)))
      .clamped(to: lower...upper)
  }
}

/// ln(1 + e^x), in a form that does not overflow.
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
