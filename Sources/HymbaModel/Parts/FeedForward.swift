extension Architecture {
  public enum FeedForward: Hashable, Sendable, Codable {
    /// No feed forward: the layer ends with its mixer.
    case none
    /// `down(gelu(up(x)))` with the exact (erf) GELU.
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

    /// The width between the projections, of each expert in a mixture; nil where there is no feed forward.
    public var intermediateSize: Int? {
      switch self {
      case .none: nil
      case .gelu(let size), .swiGLU(let size), .geGLU(let size), .reluSquared(let size),
        .gated(_, let size), .experts(_, _, let size, _):
        size
      }
    }

    /// The number of expert networks; 0 where the feed forward is one network or none.
    public var expertCount: Int { if case .experts(let count, _, _, _) = self { count } else { 0 } }
  }
}

extension Architecture.FeedForward {
  /// The feed forward for `down(activation(gate(x)) * up(x))`: the case with a name of its own if the
  /// activation has one, otherwise ``gated(activation:intermediateSize:)``.
  package static func gatedUnit(_ activation: Architecture.Activation, _ size: Int) -> Self {
    switch activation {
    case .silu: .swiGLU(intermediateSize: size)
    case .gelu: .geGLU(intermediateSize: size)
    default: .gated(activation: activation, intermediateSize: size)
    }
  }

  /// The function between the projections, of each expert in a mixture. Without a feed forward it has no
  /// meaning.
  public var activation: Architecture.Activation {
    switch self {
    case .none, .gelu, .geGLU: .gelu
    case .swiGLU: .silu
    case .reluSquared: .reluSquared
    case .gated(let activation, _): activation
    case .experts(_, _, _, let activation): activation ?? .silu
    }
  }

  /// Whether one projection goes through the function and is multiplied with another projection.
  public var isGated: Bool {
    switch self {
    case .none, .gelu, .reluSquared: false
    case .swiGLU, .geGLU, .gated, .experts: true
    }
  }

  /// Whether the projections have biases.
  var hasBiases: Bool { if case .gelu = self { true } else { false } }
}
