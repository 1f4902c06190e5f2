import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// What may be meant otherwise in a Mamba of the first generation.
struct MambaAlternatives {
  let shape: Architecture.Mamba
  /// The beginning of the names of its parameters.
  let prefix: String
  /// Whether the Mamba projects its own result.
  let hasOutput: Bool

  var all: [Alternative] { parts + Decay.alternatives(prefix) + limits + activations + norms }

  private var parts: [Alternative] {
    let (inner, rank, states) = (shape.innerSize, shape.rank, shape.stateSize)
    let swapped = [Int].exchanging([inner, inner], to: [1, 0])
    let halves = AttentionAlternatives.halves(of: 2 * inner)
    var found: [Alternative] = [
      (swapped, "x and z change places in in_proj"),
      (halves, "the rows of x and z alternate in in_proj"),
      (halves.inverse, "the rows of x and z do not alternate in in_proj"),
    ].map { order, text in Alternative(.parts, text, changing: rows("in_proj", order)) }
    let sizes = [rank, states, states]
    for (order, text) in [
      ([0, 2, 1], "B and C change places in x_proj"),
      ([2, 0, 1], "the parts of x_proj are B, C and dt"),
    ] {
      let head = [Int].exchanging(sizes, to: order)
      let all = (0..<shape.heads).flatMap { head.shifted(by: $0 * (rank + 2 * states)) }
      found.append(Alternative(.parts, text, changing: rows("x_proj", all)))
    }
    if shape.innerNorms == .weighted {
      found.append(
        Alternative(
          .parts, "B_norm and C_norm change places",
          swapping: [("\(prefix).B_norm.weight", "\(prefix).C_norm.weight")]))
    }
    return found
  }

  private func rows(_ name: String, _ order: [Int]) -> [String: @Sendable (Tensor) -> Tensor?] {
    let change: @Sendable (Tensor) -> Tensor? = { $0.rows(in: order) }
    return ["\(prefix).\(name).weight": change, "\(prefix).\(name).bias": change]
  }

  private var limits: [Alternative] {
    TimeStepLimit.common.compactMap { limit in
      let clip = limit.upper.flatMap { upper in
        limit.lower.map { Architecture.Mamba.Clip(lower: $0, upper: upper) }
      }
      guard clip != shape.timeStepClip, clip != nil || limit.isNone else { return nil }
      return limit.alternative { $0.mamba?.timeStepClip = clip }
    }
  }

  private var activations: [Alternative] {
    Architecture.Activation.likely.filter { $0 != shape.activation ?? .silu }.map { activation in
      Alternative(.activation, "hidden_act of the Mamba", is: activation.optionName) {
        $0.mamba?.activation = activation == .silu ? nil : activation
      }
    }
  }

  private var norms: [Alternative] {
    let without = Alternative(.norm, "dt, B and C go without norms") { $0.mamba?.innerNorms = .none }
    switch shape.innerNorms {
    case .none:
      return [
        Alternative(.norm, "dt, B and C go through norms without weights") {
          $0.mamba?.innerNorms = .weightless(epsilon: 1e-6)
        }
      ]
    case .weighted: return [without]
    case .weightless(let epsilon):
      return [without]
        + WholeAlternatives.epsilons.filter { $0 != epsilon }.map { value in
          Alternative(.epsilon, "mixer_rms_eps", is: value.optionText) {
            $0.mamba?.innerNorms = .weightless(epsilon: value)
          }
        }
    }
  }

  var fitted: [FittedFactor] {
    guard hasOutput else { return [] }
    let names = ["weight", "bias"].map { "\(prefix).out_proj.\($0)" }
    return [FittedFactor(of: "the result of the Mamba", scaling: names)]
  }
}

/// The forms in which A is stored under the name of its logarithm.
enum Decay {
  static func alternatives(_ prefix: String) -> [Alternative] {
    let name = "\(prefix).A_log"
    return [
      Alternative(
        .decay, "A is taken as stored: A_log holds A itself, which is negative",
        changing: [
          name: { stored in
            stored.values.allSatisfy { $0 < 0 } ? stored.mapped { log(-$0) } : nil
          }
        ]),
      Alternative(
        .decay, "A is taken as stored: A_log holds -A, which is positive",
        changing: [
          name: { stored in stored.values.allSatisfy { $0 > 0 } ? stored.mapped { log($0) } : nil }
        ]),
    ]
  }
}

/// Bounds of a Mamba's time steps.
struct TimeStepLimit: Hashable {
  let lower: Double?
  let upper: Double?

  /// The bounds of released models, and none.
  static let common = [
    TimeStepLimit(lower: nil, upper: nil), TimeStepLimit(lower: 0.001, upper: 0.1),
    TimeStepLimit(lower: 0.0001, upper: 0.1), TimeStepLimit(lower: 0.001, upper: nil),
    TimeStepLimit(lower: 0.0001, upper: nil), TimeStepLimit(lower: 0, upper: 0.1),
  ]

  var isNone: Bool { lower == nil && upper == nil }

  func alternative(_ describe: @escaping @Sendable (inout ModelDraft) -> Void) -> Alternative {
    // Bounds that no time step reaches do what none do, so none are no value among others.
    if isNone { return Alternative(.timeStepLimit, "there is no time_step_limit", describe) }
    let text = "(\((lower ?? 0).optionText), \(upper?.optionText ?? "inf"))"
    return Alternative(.timeStepLimit, "time_step_limit", is: text, describe)
  }
}
