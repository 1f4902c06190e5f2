/// Linear algebra in 64 bits.
extension LowRankChange {
  /// An orthonormal basis of the columns of a matrix, by the modified Gram-Schmidt process, applied twice.
  /// Columns that depend on those before them become zero.
  ///
  /// - Parameter matrix: [rows, columns], row by row.
  static func orthonormal(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    // The columns are kept one after another, so that each is contiguous.
    var basis = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { basis[column * rows + row] = matrix[row * columns + column] }
    }
    unsafe basis.withUnsafeMutableBufferPointer { basis in
      func product(_ a: Int, _ b: Int) -> Double {
        var sum = 0.0
        for row in 0..<rows { unsafe sum += basis[a * rows + row] * basis[b * rows + row] }
        return sum
      }
      for column in 0..<columns {
        let before = product(column, column)
        for _ in 0..<2 {
          for other in 0..<column {
            let share = product(other, column)
            for row in 0..<rows { unsafe basis[column * rows + row] -= share * basis[other * rows + row] }
          }
        }
        let norm = product(column, column)
        let factor = norm > 1e-24 * before && norm > 0 ? 1 / norm.squareRoot() : 0
        for row in 0..<rows { unsafe basis[column * rows + row] *= factor }
      }
    }
    var result = matrix
    for row in 0..<rows {
      for column in 0..<columns { result[row * columns + column] = basis[column * rows + row] }
    }
    return result
  }

  /// The products of the columns of a matrix with each other, [columns, columns].
  static func gram(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    var gram = [Double](repeating: 0, count: columns * columns)
    unsafe matrix.withUnsafeBufferPointer { matrix in
      for row in 0..<rows {
        for a in 0..<columns {
          let value = unsafe matrix[row * columns + a]
          for b in 0..<columns { unsafe gram[a * columns + b] += value * matrix[row * columns + b] }
        }
      }
    }
    return gram
  }

  /// The eigenvalues of a symmetric matrix, the largest first, by Jacobi's rotations.
  static func eigenvalues(_ symmetric: [Double], _ size: Int) -> [Double] {
    var m = symmetric
    let scale = symmetric.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<30 {
      var off = 0.0
      for row in 0..<size {
        for column in 0..<size where row != column { off += m[row * size + column] * m[row * size + column] }
      }
      guard off > 1e-30 * scale else { break }
      for p in 0..<size {
        for q in p + 1..<max(p + 1, size) where m[p * size + q] != 0 {
          let theta = (m[q * size + q] - m[p * size + p]) / (2 * m[p * size + q])
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for i in 0..<size {
            let (a, b) = (m[i * size + p], m[i * size + q])
            (m[i * size + p], m[i * size + q]) = (c * a - s * b, s * a + c * b)
          }
          for i in 0..<size {
            let (a, b) = (m[p * size + i], m[q * size + i])
            (m[p * size + i], m[q * size + i]) = (c * a - s * b, s * a + c * b)
          }
        }
      }
    }
    return (0..<size).map { m[$0 * size + $0] }.sorted(by: >)
  }
}
