#if canImport(Glibc)
  import Glibc
#endif

enum Activation {
  /// 1 / (1 + e^-x)
  static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  /// x * sigmoid(x)
  static func silu(_ x: Float) -> Float { x / (1 + exp(-x)) }

  /// ln(1 + e^x), written so that no exponential overflows.
  static func softplus(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }

  /// x * Phi(x) with the exact normal distribution function (erf, not the tanh approximation).
  static func gelu(_ x: Float) -> Float { 0.5 * x * (1 + erf(x * Float(0.5).squareRoot())) }
}
