/// A dense layer in PyTorch's orientation: y = x · weightᵀ + bias.
struct Linear: Sendable {
  let inputSize: Int
  let outputSize: Int
  let weight: [Float]  // [output, input]
  let bias: [Float]?  // [output]

  /// - Parameter x: [rows, input]
  /// - Returns: [rows, output]
  func callAsFunction(_ x: Matrix) -> Matrix {
    var y = [Float](repeating: 0, count: x.rows * outputSize)
    if let bias {
      for row in 0..<x.rows {
        let start = row * outputSize
        y.replaceSubrange(start..<start + outputSize, with: bias)
      }
    }
    BLAS.multiply(
      MatrixView(x),
      MatrixView(weight, rows: outputSize, columns: inputSize, stride: inputSize),
      transposed: true, accumulate: bias != nil, into: &y, stride: outputSize)
    return Matrix(rows: x.rows, columns: outputSize, values: y)
  }
}
