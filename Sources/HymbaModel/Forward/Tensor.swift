/// A dense row-major tensor of 32-bit floats in memory.
public struct Tensor: Hashable, Sendable {
  public let dimensions: [Int]
  public let values: [Float]

  /// - Precondition: The number of values is the product of the dimensions.
  public init(_ dimensions: [Int], _ values: [Float]) {
    precondition(
      values.count == dimensions.reduce(1, *), "a tensor has as many values as its shape")
    self.dimensions = dimensions
    self.values = values
  }

  /// The rows of `range` along the first dimension, copied.
  public func rows(_ range: Range<Int>) -> Tensor {
    let rowSize = dimensions.dropFirst().reduce(1, *)
    return Tensor(
      [range.count] + dimensions.dropFirst(),
      Array(values[range.lowerBound * rowSize..<range.upperBound * rowSize]))
  }
}

/// The activations of all positions of a batch, one row for each position.
package struct Matrix: Sendable {
  let rows: Int
  let columns: Int
  var values: [Float]

  package init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "a matrix has as many values as its shape")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A matrix all of whose values `fill` writes.
  init(rows: Int, columns: Int, fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.rows = rows
    self.columns = columns
    self.values = unsafe [Float](unsafeUninitializedCapacity: rows * columns) {
      buffer, initialized in
      unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<rows * columns]))
      initialized = rows * columns
    }
  }

  init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, values: [Float](repeating: 0, count: rows * columns))
  }

  /// The columns of `range`, copied.
  func columns(_ range: Range<Int>) -> Matrix {
    if range == 0..<columns { return self }
    var out: [Float] = []
    out.reserveCapacity(rows * range.count)
    for row in 0..<rows {
      let start = row * columns
      out.append(contentsOf: values[start + range.lowerBound..<start + range.upperBound])
    }
    return Matrix(rows: rows, columns: range.count, values: out)
  }

  /// Matrices with the same number of rows, side by side.
  static func joined(_ parts: [Matrix]) -> Matrix {
    if parts.count == 1 { return parts[0] }
    var out = Matrix(
      rows: parts.first?.rows ?? 0, columns: parts.reduce(0) { $0 + $1.columns })
    var column = 0
    for part in parts {
      out.replaceColumns(from: column, row: 0, with: part)
      column += part.columns
    }
    return out
  }

  func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

  /// The rows of `range`, copied.
  func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// One position of every sequence, [batch, columns].
  ///
  /// - Complexity: Linear in batch * columns.
  func rows(of position: Int, batch: Int) -> Matrix {
    let length = rows / batch
    return Matrix(
      rows: batch, columns: columns,
      values: (0..<batch).flatMap { row($0 * length + position) })
  }

  /// Overwrites a block with a smaller matrix, from the column `first` and the row `row` on.
  mutating func replaceColumns(from first: Int, row: Int, with part: Matrix) {
    for index in 0..<part.rows {
      let start = (row + index) * columns + first
      values.replaceSubrange(
        start..<start + part.columns,
        with: part.row(index))
    }
  }

  /// The matrix with `function` applied to every value.
  consuming func mapped(_ function: (Float) -> Float) -> Matrix {
    var values = values.mutableSpan
    for index in values.indices { values[index] = function(values[index]) }
    return self
  }

  /// Combines the values of two matrices of the same shape, pair by pair.
  @inline(__always)
  consuming func combined(with other: Matrix, _ function: (Float, Float) -> Float) -> Matrix {
    precondition(rows == other.rows && columns == other.columns, "matrices of one shape")
    var values = values.mutableSpan
    let others = other.values.span
    for index in values.indices { values[index] = function(values[index], others[index]) }
    return self
  }

  /// Every value multiplied by a factor, of which nil is 1.
  consuming func scaled(by factor: Float?) -> Matrix {
    guard let factor else { return self }
    return mapped { $0 * factor }
  }

  static func + (a: consuming Matrix, b: Matrix) -> Matrix { a.combined(with: b, +) }
}
