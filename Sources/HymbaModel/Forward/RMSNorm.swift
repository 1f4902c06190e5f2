/// x / sqrt(mean(x^2) + epsilon) * weight, over each row.
package struct RMSNorm: Sendable {
  let weight: [Float]
  let epsilon: Float

  /// - Parameter weight: [size]
  package init(weight: [Float], epsilon: Float) {
    self.weight = weight
    self.epsilon = epsilon
  }

  /// - Parameter x: [rows, size]
  /// - Returns: [rows, size]
  package func callAsFunction(_ x: Matrix) -> Matrix {
    var out = x
    Kernels.rmsNorm(&out.values, 0..<out.values.count, weight: weight[...], epsilon: epsilon)
    return out
  }
}

/// The norm of a model, of either kind.
enum NormLayer: Sendable {
  case layer(LayerNorm)
  case rms(RMSNorm)

  func callAsFunction(_ x: Matrix) -> Matrix {
    switch self {
    case .layer(let norm): norm(x)
    case .rms(let norm): norm(x)
    }
  }
}
