extension Architecture {
  /// A function of every value between the projections of a network.
  public enum Activation: String, Sendable, Codable, CaseIterable {
    /// x * sigmoid(x)
    case silu
    /// x * Phi(x) with the exact normal distribution function (erf)
    case gelu
    /// The same with the approximation x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
    case geluTanh
    /// x * sigmoid(1.702 * x)
    case quickGELU
    /// The exact GELU within [-10, 10]
    case clippedGELU
    /// max(x, 0)
    case relu
    /// max(x, 0)^2
    case reluSquared
    /// max(x, 0), at most 6
    case relu6
    /// x, or x / 100 where it is negative
    case leakyReLU
    /// 1 / (1 + e^-x)
    case sigmoid
    case tanh
    /// ln(1 + e^x)
    case softplus
    /// x * tanh(softplus(x))
    case mish
    /// (1 + erf((x - 0.707107) / (0.282095 * sqrt(2)))) / 2
    case laplace
    /// x
    case linear
  }
}

extension Architecture.FeedForward {
  /// The network `down(activation(gate(x)) * up(x))`, under the name it has where it has one of its own.
  public static func gatedUnit(_ activation: Architecture.Activation, _ size: Int) -> Self {
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
}
