import HymbaFormat

/// A tensor as a stack of matrices. Dimensions of 1 do not count. A vector is one column.
struct MatrixView: Hashable, Sendable {
  /// The number of matrices.
  let batches: Int
  /// Rows of one matrix.
  let rows: Int
  let columns: Int

  init(batches: Int, rows: Int, columns: Int) {
    self.batches = batches
    self.rows = rows
    self.columns = columns
  }

  init(_ shape: Shape) {
    let sizes = shape.dimensions.filter { $0 != 1 }
    self.init(
      batches: sizes.dropLast(2).reduce(1, *), rows: sizes.dropLast().last ?? sizes.last ?? 1,
      columns: sizes.count > 1 ? sizes[sizes.count - 1] : 1)
  }

  var transposed: MatrixView { MatrixView(batches: batches, rows: columns, columns: rows) }
  var isMatrix: Bool { rows > 1 && columns > 1 }
}
