#if canImport(Glibc)
  import Glibc
#endif

typealias Activation = Architecture.Activation

extension Architecture.Activation {
  /// Applies the function in place. NaN stays NaN.
  func apply(to values: UnsafeMutableBufferPointer<Float>) {
    switch self {
    case .silu: unsafe Kernels.silu(values)
    case .softplus: unsafe Kernels.softplus(values)
    case .sigmoid: unsafe map(values, Self.sigmoid)
    case .gelu: unsafe map(values, Self.gelu)
    case .geluTanh:
      unsafe map(values) {
        0.5 * $0 * (1 + tanhf(0.797_884_56 * ($0 + 0.044_715 * $0 * $0 * $0)))
      }
    case .quickGELU: unsafe map(values) { $0 * Self.sigmoid(1.702 * $0) }
    case .clippedGELU:
      unsafe map(values) {
        let x = Self.gelu($0)
        return x > 10 ? 10 : x < -10 ? -10 : x
      }
    case .relu: unsafe map(values) { $0 < 0 ? 0 : $0 }
    case .reluSquared:
      unsafe map(values) {
        let positive = $0 < 0 ? 0 : $0
        return positive * positive
      }
    case .relu6: unsafe map(values) { $0 < 0 ? 0 : $0 > 6 ? 6 : $0 }
    case .leakyReLU: unsafe map(values) { $0 < 0 ? 0.01 * $0 : $0 }
    case .tanh: unsafe map(values, tanhf)
    case .mish: unsafe map(values) { $0 * tanhf($0 > 20 ? $0 : log1pf(expf($0))) }
    case .laplace:
      unsafe map(values) {
        0.5 * (1 + erff(($0 - 0.707_107) / (0.282_095 * Float(2).squareRoot())))
      }
    case .linear: break
    }
  }

  func callAsFunction(_ values: [Float]) -> [Float] {
    var values = values
    unsafe values.withUnsafeMutableBufferPointer { unsafe apply(to: $0) }
    return values
  }

  private static func sigmoid(_ x: Float) -> Float { 1 / (1 + expf(-x)) }

  private static func gelu(_ x: Float) -> Float {
    0.5 * x * (1 + erff(x * Float(0.5).squareRoot()))
  }

  @inline(__always)
  private func map(
    _ values: UnsafeMutableBufferPointer<Float>, _ function: (Float) -> Float
  ) {
    for index in values.indices { unsafe values[index] = function(values[index]) }
  }
}
