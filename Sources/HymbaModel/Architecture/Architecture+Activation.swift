extension Architecture {
  /// A function that a network applies to every value between its projections.
  public enum Activation: String, Sendable, Codable, CaseIterable {
    /// x * sigmoid(x)
    case silu
    /// x * Phi(x) with the exact normal distribution function (erf)
    case gelu
    /// x * Phi(x) with the approximation x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
    case geluTanh
    /// x * sigmoid(1.702 * x)
    case quickGELU
    /// The exact GELU, limited to [-10, 10]
    case clippedGELU
    /// max(x, 0)
    case relu
    /// max(x, 0)^2
    case reluSquared
    /// max(x, 0), at most 6
    case relu6
    /// x where it is positive, x / 100 where it is negative
    case leakyReLU
    /// 1 / (1 + e^-x)
    case sigmoid
    /// tanh(x)
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
