extension Architecture {
  /// What follows the mixer of a layer. Each model has one description: the case with a name of its own where
  /// there is one, otherwise `network(_:)` or `mixture(_:)`.
  public enum FeedForward: Hashable, Sendable, Codable {
    /// No feed forward: the layer ends with its mixer.
    case none
    /// `down(gelu(up(x)))` with the exact (erf) GELU, with biases.
    case gelu(intermediateSize: Int)
    /// `down(silu(gate(x)) * up(x))`, without biases.
    case swiGLU(intermediateSize: Int)
    /// `down(gelu(gate(x)) * up(x))` with the exact (erf) GELU, without biases.
    case geGLU(intermediateSize: Int)
    /// `down(relu(up(x))^2)`, without biases.
    case reluSquared(intermediateSize: Int)
    /// `down(activation(gate(x)) * up(x))`, without biases, with a function for which there is no other case.
    case gated(activation: Activation, intermediateSize: Int)
    /// A mixture of `count` gated networks. Each position goes through the `perToken` networks with the highest
    /// probabilities, and each result is multiplied by its probability. The probabilities are the softmax over
    /// the router's scores of all experts, not renormalised over the chosen ones. Nil as the activation stands
    /// for SiLU.
    case experts(count: Int, perToken: Int, intermediateSize: Int, activation: Activation? = nil)
    /// Any other network.
    case network(network: Network)
    /// Any other mixture of experts.
    case mixture(mixture: Mixture)
  }
}

extension Architecture.FeedForward {
  /// The one description of a feed forward of one network.
  package static func of(_ network: Architecture.Network) -> Self {
    let size = network.intermediateSize
    let candidate: Self =
      switch (network.isGated, network.activation) {
      case (true, let activation): .gatedUnit(activation, size)
      case (false, .reluSquared): .reluSquared(intermediateSize: size)
      case (false, _): .gelu(intermediateSize: size)
      }
    return candidate.network == network ? candidate : .network(network: network)
  }

  /// The one description of a mixture of experts.
  package static func of(_ mixture: Architecture.Mixture) -> Self {
    let activation = mixture.expert.activation
    let candidate = Self.experts(
      count: mixture.count, perToken: mixture.perToken,
      intermediateSize: mixture.expert.intermediateSize,
      activation: activation == .silu ? nil : activation)
    return candidate.mixture == mixture ? candidate : .mixture(mixture: mixture)
  }

  /// The feed forward for `down(activation(gate(x)) * up(x))`: the case with a name of its own if the
  /// activation has one, otherwise ``gated(activation:intermediateSize:)``.
  package static func gatedUnit(_ activation: Architecture.Activation, _ size: Int) -> Self {
    switch activation {
    case .silu: .swiGLU(intermediateSize: size)
    case .gelu: .geGLU(intermediateSize: size)
    default: .gated(activation: activation, intermediateSize: size)
    }
  }

  /// The network, where the feed forward is one network; nil for none and for a mixture.
  public var network: Architecture.Network? {
    func network(
      _ size: Int, _ activation: Architecture.Activation, isGated: Bool, hasBiases: Bool = false
    ) -> Architecture.Network {
      Architecture.Network(
        intermediateSize: size, activation: activation, isGated: isGated, hasBiases: hasBiases)
    }
    switch self {
    case .none, .experts, .mixture: return nil
    case .gelu(let size): return network(size, .gelu, isGated: false, hasBiases: true)
    case .swiGLU(let size): return network(size, .silu, isGated: true)
    case .geGLU(let size): return network(size, .gelu, isGated: true)
    case .reluSquared(let size): return network(size, .reluSquared, isGated: false)
    case .gated(let activation, let size): return network(size, activation, isGated: true)
    case .network(let network): return network
    }
  }

  /// The mixture of experts; nil where the feed forward is none.
  public var mixture: Architecture.Mixture? {
    switch self {
    case .experts(let count, let perToken, let size, let activation):
      Architecture.Mixture(
        count: count, perToken: perToken,
        expert: Architecture.Network(
          intermediateSize: size, activation: activation ?? .silu, isGated: true))
    case .mixture(let mixture): mixture
    case .none, .gelu, .swiGLU, .geGLU, .reluSquared, .gated, .network: nil
    }
  }

  /// The width between the projections, of each expert in a mixture; nil where there is no feed forward.
  public var intermediateSize: Int? {
    network?.intermediateSize ?? mixture?.expert.intermediateSize
  }

  /// The number of expert networks; 0 where the feed forward is one network or none.
  public var expertCount: Int { mixture?.count ?? 0 }

  /// The function between the projections, of each expert in a mixture; nil where there is no feed forward.
  public var activation: Architecture.Activation? {
    network?.activation ?? mixture?.expert.activation
  }
}
