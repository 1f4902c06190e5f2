/// x / sqrt(mean(x^2) + epsilon) * weight, over each row.
struct RMSNorm: Sendable {
  let weight: [Float]
  let epsilon: Float

  /// - Parameter x: [rows, size]
  /// - Returns: [rows, size]
  func callAsFunction(_ x: Matrix) -> Matrix {
    var out = x
    for row in 0..<x.rows { apply(to: &out.values, from: row * x.columns, weightOffset: 0) }
    return out
  }

  /// Norms the values from `start` on in place, as many as `count`, with the weights from `weightOffset` on.
  func apply(to values: inout [Float], from start: Int, count: Int? = nil, weightOffset: Int) {
    let count = count ?? weight.count
    var squares = 0.0
    for index in start..<start + count { squares += Double(values[index]) * Double(values[index]) }
    let scale = Float(1 / (squares / Double(count) + Double(epsilon)).squareRoot())
    for index in 0..<count {
      values[start + index] = values[start + index] * scale * weight[weightOffset + index]
    }
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
