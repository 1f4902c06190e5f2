import HymbaModel

/// What may be meant otherwise in a feed-forward network, or in all experts of a mixture.
struct NetworkAlternatives {
  let shape: Architecture.Network
  /// The networks for people: `the experts`; nil for a layer's only network.
  let title: String?
  /// The beginnings of the names of the parameters, one for each network.
  let prefixes: [String]
  let set: @Sendable (inout ModelDraft, Architecture.Network) -> Void

  private var of: String { title.map { " of \($0)" } ?? "" }

  private func changed(
    _ kind: Cause.Kind, _ option: String, is value: String,
    _ change: (inout Architecture.Network) -> Void
  ) -> Alternative {
    var network = shape
    change(&network)
    let changed = network
    return Alternative(kind, option + of, is: value) { [set] in set(&$0, changed) }
  }

  var all: [Alternative] { activations + gates + multipliers }

  private var activations: [Alternative] {
    Architecture.Activation.likely.filter { $0 != shape.activation }.map { activation in
      changed(.activation, "hidden_act", is: activation.optionName) { $0.activation = activation }
    }
  }

  private var gates: [Alternative] {
    guard shape.isGated else { return [] }
    let pairs = prefixes.flatMap { prefix in
      ["weight", "bias"].map { ("\(prefix).gate_proj.\($0)", "\(prefix).up_proj.\($0)") }
    }
    return [Alternative(.gate, "gate_proj and up_proj\(of) change places", swapping: pairs)]
  }

  private var multipliers: [Alternative] {
    var found: [Alternative] = []
    if let value = shape.gateMultiplier {
      for (shown, new) in value.misuses {
        found.append(
          changed(.multiplier, "the mlp_multiplier of the gate", is: shown.optionText) {
            $0.gateMultiplier = new
          })
      }
    }
    if let value = shape.outputMultiplier {
      for (shown, new) in value.misuses {
        found.append(
          changed(.multiplier, "the mlp_multiplier of the result", is: shown.optionText) {
            $0.outputMultiplier = new
          })
      }
    }
    return found
  }

  var fitted: [FittedFactor] {
    var found: [FittedFactor] = []
    if let value = shape.gateMultiplier {
      found.append(
        FittedFactor(.multiplier, "the mlp_multiplier of the gate" + of, now: value) {
          [shape, set] draft, new in
          var network = shape
          network.gateMultiplier = new
          set(&draft, network)
        })
    }
    let scale: @Sendable (inout ModelDraft, Double) -> Void = { [shape, set] draft, new in
      var network = shape
      network.outputMultiplier = new
      set(&draft, network)
    }
    if let value = shape.outputMultiplier {
      found.append(
        FittedFactor(.multiplier, "the mlp_multiplier of the result" + of, now: value, scale))
    } else {
      found.append(FittedFactor(of: "the result of \(title ?? "the feed forward")", scale))
    }
    return found
  }
}

extension Architecture.Activation {
  /// The functions that models use, the most common first.
  static let likely: [Self] = [.silu, .gelu, .geluTanh, .quickGELU, .relu, .reluSquared]

  /// The name in a configuration.
  var optionName: String {
    switch self {
    case .geluTanh: "gelu_pytorch_tanh"
    case .quickGELU: "quick_gelu"
    case .reluSquared: "relu2"
    default: rawValue
    }
  }
}
