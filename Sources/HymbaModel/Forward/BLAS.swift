import COpenBLAS

/// A part of a row-major array, seen as a matrix.
struct MatrixView {
  let values: [Float]
  let offset: Int
  let rows: Int
  let columns: Int
  /// The number of values from the start of one row to the start of the next.
  let stride: Int

  /// - Precondition: The matrix lies within the array.
  init(_ values: [Float], offset: Int = 0, rows: Int, columns: Int, stride: Int) {
    precondition(
      rows > 0 && columns > 0 && stride >= columns && offset >= 0
        && offset + (rows - 1) * stride + columns <= values.count, "a matrix within its array")
    self.values = values
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }
}

/// Matrix products through OpenBLAS. No other code calls the library.
enum BLAS {
  static func setThreads(_ count: Int) { openblas_set_num_threads(Int32(clamping: count)) }

  /// Computes alpha * a · b, or alpha * a · bᵀ, into `target`, in addition to its content if `accumulate`.
  ///
  /// - Parameters:
  ///   - a: [m, k]
  ///   - b: [k, n], or [n, k] when transposed
  ///   - target: Holds [m, n] from `offset` on, with `stride` values from row to row.
  /// - Precondition: The shapes fit, and the result lies within `target`.
  static func multiply(
    _ a: MatrixView, _ b: MatrixView, transposed: Bool, alpha: Float = 1, accumulate: Bool = false,
    into target: inout [Float], offset: Int = 0, stride: Int
  ) {
    let n = transposed ? b.rows : b.columns
    precondition(a.columns == (transposed ? b.columns : b.rows), "inner sizes of a product agree")
    precondition(
      offset >= 0 && stride >= n && offset + (a.rows - 1) * stride + n <= target.count,
      "a product within its array")
    unsafe a.values.withUnsafeBufferPointer { aValues in
      unsafe b.values.withUnsafeBufferPointer { bValues in
        unsafe target.withUnsafeMutableBufferPointer { cValues in
          guard let aBase = aValues.baseAddress, let bBase = bValues.baseAddress,
            let cBase = cValues.baseAddress
          else { return }
          unsafe multiply(
            rows: a.rows, inner: a.columns, columns: n, aBase + a.offset, a.stride,
            bBase + b.offset, b.stride, transposed: transposed, alpha: alpha,
            accumulate: accumulate, into: cBase + offset, stride: stride)
        }
      }
    }
  }

  /// The same product, for memory whose bounds the caller has checked. The library stays within them.
  static func multiply(
    rows: Int, inner: Int, columns: Int, _ a: UnsafePointer<Float>, _ aStride: Int,
    _ b: UnsafePointer<Float>, _ bStride: Int, transposed: Bool, alpha: Float = 1,
    accumulate: Bool = false, into target: UnsafeMutablePointer<Float>, stride: Int
  ) {
    unsafe cblas_sgemm(
      CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, blasint(rows),
      blasint(columns), blasint(inner), alpha, a, blasint(aStride), b, blasint(bStride),
      accumulate ? 1 : 0, target, blasint(stride))
  }
}
