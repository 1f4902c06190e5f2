import HymbaModel

/// What may be meant otherwise in a Mamba-2.
struct Mamba2Alternatives {
  let shape: Architecture.Mamba2
  /// The beginning of the names of its parameters.
  let prefix: String
  /// Whether the Mamba projects its own result.
  let hasOutput: Bool

  typealias Multipliers = Architecture.Mamba2.Multipliers

  var all: [Alternative] {
    parts + Decay.alternatives(prefix) + groupNorms + groupCounts + headOrders + limits + norms
      + multipliers
  }

  /// The sizes of z, x, B, C and the time steps in in_proj.
  private var sizes: [Int] {
    let (inner, shared) = (shape.innerSize, shape.groups * shape.stateSize)
    return [inner, inner, shared, shared, shape.heads]
  }

  private var parts: [Alternative] {
    let convolution = Array(sizes[1...3])
    func change(
      _ projection: [Int]?, _ convolved: [Int]?
    ) -> [String: @Sendable (Tensor) -> Tensor?] {
      var change: [String: @Sendable (Tensor) -> Tensor?] = [:]
      for (name, order) in [("in_proj", projection), ("conv1d", convolved)] {
        guard let order else { continue }
        for end in ["weight", "bias"] {
          change["\(prefix).\(name).\(end)"] = { $0.rows(in: order) }
        }
      }
      return change
    }
    func projection(_ order: [Int]) -> [Int] { .exchanging(sizes, to: order) }
    let swapped = [Int].exchanging(convolution, to: [0, 2, 1])
    return [
      Alternative(
        .parts, "x and z change places in in_proj",
        changing: change(projection([1, 0, 2, 3, 4]), nil)),
      Alternative(
        .parts, "B and C change places in in_proj and conv1d",
        changing: change(projection([0, 1, 3, 2, 4]), swapped)),
      Alternative(
        .parts, "B and C change places in in_proj",
        changing: change(projection([0, 1, 3, 2, 4]), nil)),
      Alternative(.parts, "B and C change places in conv1d", changing: change(nil, swapped)),
    ]
  }

  /// The gated norm over all channels, or over those of each head.
  private var groupNorms: [Alternative] {
    guard shape.gatedNorm != nil else { return [] }
    return [(1, "over all channels together"), (shape.heads, "over the channels of each head")]
      .filter { $0.0 != shape.groups }.map { groups, text in
        var alternative = Alternative(.groupNorm, "the gated norm goes \(text)")
        alternative.normGroups = groups
        return alternative
      }
  }

  /// The other numbers of groups into which the same width of B and C can be cut.
  private var groupCounts: [Alternative] {
    let width = shape.groups * shape.stateSize
    return (1...shape.heads).filter {
      $0 != shape.groups && shape.heads % $0 == 0 && width % $0 == 0
    }.map { groups in
      Alternative(.headOrder, "n_groups is \(groups), with a state of \(width / groups)") {
        $0.mamba2?.groups = groups
        $0.mamba2?.stateSize = width / groups
      }
    }
  }

  /// Heads that take turns in using the pairs of B and C, rather than neighbours that share one.
  private var headOrders: [Alternative] {
    let (heads, groups, states) = (shape.heads, shape.groups, shape.stateSize)
    guard groups > 1, groups < heads else { return [] }
    let inner = shape.innerSize
    func tiled(from start: Int) -> [Int] {
      (0..<heads).flatMap { Array(0..<states).shifted(by: start + $0 % groups * states) }
    }
    func shared(from start: Int) -> [Int] {
      tiled(from: start) + tiled(from: start + groups * states)
    }
    let first = 2 * inner
    let projection =
      Array(0..<first) + shared(from: first)
      + Array(shape.projectionWidth - heads..<shape.projectionWidth)
    let convolution = Array(0..<inner) + shared(from: inner)
    var alternative = Alternative(
      .headOrder, "head h uses group h mod \(groups) of B and C, not h / \(heads / groups)"
    ) { $0.mamba2?.groups = heads }
    for end in ["weight", "bias"] {
      alternative.change["\(prefix).in_proj.\(end)"] = { $0.rows(in: projection) }
      alternative.change["\(prefix).conv1d.\(end)"] = { $0.rows(in: convolution) }
    }
    alternative.normGroups = groups
    return [alternative]
  }

  private var limits: [Alternative] {
    TimeStepLimit.common.compactMap { limit in
      let limits =
        limit.isNone
        ? nil : Architecture.Mamba2.TimeStepLimits(lower: limit.lower ?? 0, upper: limit.upper)
      guard limits != shape.timeStepLimits else { return nil }
      return limit.alternative { $0.mamba2?.timeStepLimits = limits }
    }
  }

  private var norms: [Alternative] {
    guard let norm = shape.gatedNorm else { return [] }
    let isAfter = norm.order == .afterGate
    return [
      Alternative(.norm, "norm_before_gate is \(isAfter)") {
        $0.mamba2?.gatedNorm?.order = isAfter ? .beforeGate : .afterGate
      },
      Alternative(.norm, "there is no gated norm") { $0.mamba2?.gatedNorm = nil },
    ]
  }

  private static let factors:
    [(option: String, path: any WritableKeyPath<Multipliers, Double?> & Sendable)] = [
      ("ssm_in_multiplier", \.input), ("the ssm_multiplier of z", \.z),
      ("the ssm_multiplier of x", \.x), ("the ssm_multiplier of B", \.B),
      ("the ssm_multiplier of C", \.C), ("the ssm_multiplier of dt", \.timeStep),
      ("ssm_out_multiplier", \.output),
    ]

  private var multipliers: [Alternative] {
    Self.factors.flatMap { option, path -> [Alternative] in
      guard let value = shape.multipliers?[keyPath: path] else { return [] }
      return value.misuses.map { shown, new in
        Alternative(.multiplier, option, is: shown.optionText) {
          $0.mamba2?.multipliers?[keyPath: path] = new
        }
      }
    }
  }

  var fitted: [FittedFactor] {
    let present: [FittedFactor] = Self.factors.compactMap { option, path in
      guard let value = shape.multipliers?[keyPath: path] else { return nil }
      return FittedFactor(.multiplier, option, now: value) {
        $0.mamba2?.multipliers?[keyPath: path] = $1
      }
    }
    var found = present
    if shape.multipliers?.input == nil {
      found.append(
        FittedFactor(of: "the input of the Mamba") { draft, factor in
          var factors = draft.mamba2?.multipliers ?? Architecture.Mamba2.Multipliers()
          factors.input = factor
          draft.mamba2?.multipliers = factors
        })
    }
    if hasOutput, shape.multipliers?.output == nil {
      let names = ["weight", "bias"].map { "\(prefix).out_proj.\($0)" }
      found.append(FittedFactor(of: "the result of the Mamba", scaling: names))
    }
    return found
  }
}
