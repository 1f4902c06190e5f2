import HymbaModel

/// What may be meant otherwise in a mixture of experts.
struct MixtureAlternatives {
  let shape: Architecture.Mixture
  /// The beginning of the names of its parameters.
  let prefix: String

  private var networks: [NetworkAlternatives] {
    let experts = NetworkAlternatives(
      shape: shape.expert, title: "the experts",
      prefixes: (0..<shape.count).map { "\(prefix).experts.\($0)" }
    ) { $0.mixture?.expert = $1 }
    let shared = shape.shared.map { network in
      NetworkAlternatives(
        shape: network, title: "the shared expert", prefixes: ["\(prefix).shared"]
      ) { $0.mixture?.shared = $1 }
    }
    return [experts] + (shared.map { [$0] } ?? [])
  }

  var all: [Alternative] { together + networks.flatMap(\.all) + router }

  /// Changes of all networks, which one option of a configuration or one script makes.
  private var together: [Alternative] {
    guard let shared = shape.shared else { return [] }
    let activations = Architecture.Activation.likely.filter {
      $0 != shape.expert.activation && $0 != shared.activation
    }
    var found = activations.map { activation in
      Alternative(.activation, "hidden_act", is: activation.optionName) {
        $0.mixture?.expert.activation = activation
        $0.mixture?.shared?.activation = activation
      }
    }
    if shape.expert.isGated, shared.isGated {
      var all = Alternative(.gate, "gate_proj and up_proj of all networks change places")
      for network in networks {
        for gate in network.all where gate.kind == .gate {
          all.replace.merge(gate.replace) { first, _ in first }
        }
      }
      found.append(all)
    }
    return found
  }

  private var router: [Alternative] {
    let now = shape.router
    let scores: Architecture.Router.Scores = now.scores == .softmax ? .sigmoid : .softmax
    var found = [
      Alternative(.activation, "the router's function is \(scores.rawValue)") {
        $0.mixture?.router.scores = scores
      },
      Alternative(.norm, "norm_topk_prob is \(!now.normalizes)") {
        $0.mixture?.router.normalizes = !now.normalizes
      },
    ]
    if let value = now.scale {
      for (shown, new) in value.misuses {
        found.append(
          Alternative(.multiplier, "routed_scaling_factor", is: shown.optionText) {
            $0.mixture?.router.scale = new
          })
      }
    }
    return found
  }

  var fitted: [FittedFactor] {
    let ofRouter = shape.router.scale.map { value in
      FittedFactor(.multiplier, "routed_scaling_factor", now: value) {
        $0.mixture?.router.scale = $1
      }
    }
    // The factor of the router's weights does what one of the experts' results does.
    return (ofRouter.map { [$0] } ?? networks[0].fitted) + networks.dropFirst().flatMap(\.fitted)
  }
}
