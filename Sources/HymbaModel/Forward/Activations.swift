#if canImport(Glibc)
  import Glibc
#endif

enum Activation {
  /// 1 / (1 + e^-x)
  static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  /// x * Phi(x) with the exact normal distribution function (erf, not the tanh approximation).
  static func gelu(_ x: Float) -> Float { 0.5 * x * (1 + erf(x * Float(0.5).squareRoot())) }
}
