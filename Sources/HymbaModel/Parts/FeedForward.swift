extension Architecture {
  public enum FeedForward: Hashable, Sendable, Codable {
    /// The layer ends with its mixer.
    case none
    /// `down(gelu(up(x)))` with the exact (erf) GELU.
    case gelu(intermediateSize: Int)
    /// `down(silu(gate(x)) * up(x))`, without biases.
    case swiGLU(intermediateSize: Int)
    /// `down(gelu(gate(x)) * up(x))` with the exact (erf) GELU, without biases.
    case geGLU(intermediateSize: Int)
    /// `down(relu(up(x))^2)`, without biases.
    case reluSquared(intermediateSize: Int)
    /// `down(activation(gate(x)) * up(x))` with another function than those that have a case of their own.
    case gated(activation: Activation, intermediateSize: Int)
    /// Of `count` gated networks, SwiGLU if no other function is given, the `perToken` with the highest
    /// probabilities, each times its probability: softmax over the router's scores of all experts, not
    /// renormalised over the chosen ones.
    case experts(count: Int, perToken: Int, intermediateSize: Int, activation: Activation? = nil)

    /// Nil where there is no feed forward.
    public var intermediateSize: Int? {
      switch self {
      case .none: nil
      case .gelu(let size), .swiGLU(let size), .geGLU(let size), .reluSquared(let size),
        .gated(_, let size), .experts(_, _, let size, _):
        size
      }
    }

    /// Expert networks; 0 where the feed forward is one network.
    public var expertCount: Int { if case .experts(let count, _, _, _) = self { count } else { 0 } }
  }
}

extension Architecture.FeedForward {
  /// The network `down(activation(gate(x)) * up(x))`, under the name it has where it has one of its own.
  package static func gatedUnit(_ activation: Architecture.Activation, _ size: Int) -> Self {
    switch activation {
    case .silu: .swiGLU(intermediateSize: size)
    case .gelu: .geGLU(intermediateSize: size)
    default: .gated(activation: activation, intermediateSize: size)
    }
  }

  /// The function between its projections; of experts, in each of them.
  public var activation: Architecture.Activation {
    switch self {
    case .none, .gelu, .geGLU: .gelu
    case .swiGLU: .silu
    case .reluSquared: .reluSquared
    case .gated(let activation, _): activation
    case .experts(_, _, _, let activation): activation ?? .silu
    }
  }

  /// Whether a projection of its own goes through the function and multiplies the other.
  public var isGated: Bool {
    switch self {
    case .none, .gelu, .reluSquared: false
    case .swiGLU, .geGLU, .gated, .experts: true
    }
  }

  /// Whether its projections have biases.
  var hasBiases: Bool { if case .gelu = self { true } else { false } }
}
