/// What the matrix library alone takes: the yardstick of the forward pass.
package enum MatrixProductBenchmark {
  /// Seconds that products of these shapes take together with the library's own threads, each computed
  /// once, after one to warm up.
  package static func seconds(
    _ shapes: [(rows: Int, inner: Int, columns: Int)], threads: Int
  ) -> Double {
    BLAS.setThreads(threads)
    defer { BLAS.setThreads(1) }
    guard let largest = shapes.max(by: { $0.inner * $0.columns < $1.inner * $1.columns }) else {
      return 0
    }
    let weights = [Float](repeating: 0.5, count: largest.inner * largest.columns)
    let x = [Float](
      repeating: 0.5, count: shapes.map { $0.rows * $0.inner }.max() ?? 0)
    var y = [Float](repeating: 0, count: shapes.map { $0.rows * $0.columns }.max() ?? 0)
    func multiply(_ shape: (rows: Int, inner: Int, columns: Int)) {
      BLAS.multiply(
        MatrixView(x, rows: shape.rows, columns: shape.inner, stride: shape.inner),
        MatrixView(weights, rows: shape.columns, columns: shape.inner, stride: shape.inner),
        transposed: true, into: &y, stride: shape.columns)
    }
    multiply(largest)
    let clock = ContinuousClock()
    return clock.measure { shapes.forEach(multiply) } / .seconds(1)
  }
}
