import COpenBLAS

/// Times matrix products in the matrix library alone, as the yardstick of the forward pass.
package enum MatrixProductBenchmark {
  /// The product of a matrix [rows, inner] with the transpose of a matrix [columns, inner].
  package struct Shape {
    package let rows: Int
    package let inner: Int
    package let columns: Int

    package init(rows: Int, inner: Int, columns: Int) {
      self.rows = rows
      self.inner = inner
      self.columns = columns
    }

    /// The number of multiplications and additions.
    package var operations: Double { 2 * Double(rows) * Double(inner) * Double(columns) }
  }

  /// The seconds that products of these shapes take together, with the library's own threads. Each product is
  /// computed once, after one product with the largest matrix to warm up.
  package static func seconds(_ shapes: [Shape], threads: Int) -> Double {
    openblas_set_num_threads(Int32(clamping: threads))
    defer { openblas_set_num_threads(1) }
    guard let largest = shapes.max(by: { $0.inner * $0.columns < $1.inner * $1.columns }) else {
      return 0
    }
    let weights = [Float](repeating: 0.5, count: largest.inner * largest.columns)
    let x = [Float](repeating: 0.5, count: shapes.map { $0.rows * $0.inner }.max() ?? 0)
    var y = [Float](repeating: 0, count: shapes.map { $0.rows * $0.columns }.max() ?? 0)
    func multiply(_ shape: Shape) {
      // Each array holds the largest matrix of its kind.
      unsafe cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(shape.rows), blasint(shape.columns),
        blasint(shape.inner), 1, x, blasint(shape.inner), weights, blasint(shape.inner), 0, &y,
        blasint(shape.columns))
    }
    multiply(largest)
    return ContinuousClock().measure { shapes.forEach(multiply) } / .seconds(1)
  }
}
