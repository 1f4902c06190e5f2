/// (x - mean) / sqrt(population variance + epsilon) * weight + bias, over each row.
struct LayerNorm: Sendable {
  let weight: [Float]
  let bias: [Float]
  let epsilon: Float

  /// - Parameter x: [rows, size]
  /// - Returns: [rows, size]
  func callAsFunction(_ x: Matrix) -> Matrix {
    var out = [Float](repeating: 0, count: x.values.count)
    let size = x.columns
    for row in 0..<x.rows {
      let start = row * size
      let values = x.values[start..<start + size]
      // The sums have 64 bits. In 32 bits, sums of thousands of terms would lose the last digits that a
      // comparison looks at.
      let mean = values.reduce(0.0) { $0 + Double($1) } / Double(size)
      let variance =
        values.reduce(0.0) { sum, value in
          let distance = Double(value) - mean
          return sum + distance * distance
        } / Double(size)
      let scale = Float(1 / (variance + Double(epsilon)).squareRoot())
      for column in 0..<size {
        out[start + column] =
          (x.values[start + column] - Float(mean)) * scale * weight[column] + bias[column]
      }
    }
    return Matrix(rows: x.rows, columns: size, values: out)
  }
}
