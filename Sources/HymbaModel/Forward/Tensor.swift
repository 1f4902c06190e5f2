/// A dense row-major tensor of 32-bit floats in memory.
public struct Tensor: Hashable, Sendable {
  public let dimensions: [Int]
  public let values: [Float]

  /// - Precondition: as many values as the dimensions multiply to.
  public init(_ dimensions: [Int], _ values: [Float]) {
    precondition(
      values.count == dimensions.reduce(1, *), "a tensor has as many values as its shape")
    self.dimensions = dimensions
    self.values = values
  }

  /// Rows `range` along the first dimension.
  public func rows(_ range: Range<Int>) -> Tensor {
    let rowSize = dimensions.dropFirst().reduce(1, *)
    return Tensor(
      [range.count] + dimensions.dropFirst(),
      Array(values[range.lowerBound * rowSize..<range.upperBound * rowSize]))
  }
}

/// Activations of all positions of a batch, one row a position.
struct Matrix: Sendable {
  let rows: Int
  let columns: Int
  var values: [Float]

  init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "a matrix has as many values as its shape")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, values: [Float](repeating: 0, count: rows * columns))
  }

  /// The columns of `range`, copied.
  func columns(_ range: Range<Int>) -> Matrix {
    var out: [Float] = []
    out.reserveCapacity(rows * range.count)
    for row in 0..<rows {
      let start = row * columns
      out.append(contentsOf: values[start + range.lowerBound..<start + range.upperBound])
    }
    return Matrix(rows: rows, columns: range.count, values: out)
  }

  /// The matrix with `function` applied to every value.
  func mapped(_ function: (Float) -> Float) -> Matrix {
    Matrix(rows: rows, columns: columns, values: values.map(function))
  }

  /// `function` of each pair of values of two matrices of one shape.
  func combined(with other: Matrix, _ function: (Float, Float) -> Float) -> Matrix {
    precondition(rows == other.rows && columns == other.columns, "matrices of one shape")
    return Matrix(rows: rows, columns: columns, values: zip(values, other.values).map(function))
  }

  static func + (a: Matrix, b: Matrix) -> Matrix { a.combined(with: b, +) }
}
