#if canImport(Glibc)
  import Glibc
#endif

/// A function of every value of a matrix.
enum Activation {
  /// 1 / (1 + e^-x)
  case sigmoid
  /// x * sigmoid(x)
  case silu
  /// ln(1 + e^x), computed so that no exponential overflows
  case softplus
  /// x * Phi(x) with the exact normal distribution function (erf, not the tanh approximation)
  case gelu
  /// max(x, 0)^2
  case reluSquared

  /// Applies the function in place.
  func apply(to values: UnsafeMutableBufferPointer<Float>) {
    switch self {
    case .silu: unsafe Kernels.silu(values)
    case .softplus: unsafe Kernels.softplus(values)
    case .sigmoid: unsafe map(values) { 1 / (1 + exp(-$0)) }
    case .gelu: unsafe map(values) { 0.5 * $0 * (1 + erf($0 * Float(0.5).squareRoot())) }
    case .reluSquared:
      unsafe map(values) {
        // So written that NaN stays.
        let positive = $0 < 0 ? 0 : $0
        return positive * positive
      }
    }
  }

  func callAsFunction(_ values: [Float]) -> [Float] {
    var values = values
    unsafe values.withUnsafeMutableBufferPointer { unsafe apply(to: $0) }
    return values
  }

  @inline(__always)
  private func map(
    _ values: UnsafeMutableBufferPointer<Float>, _ function: (Float) -> Float
  ) {
    for index in values.indices { unsafe values[index] = function(values[index]) }
  }
}
