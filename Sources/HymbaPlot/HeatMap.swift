/// A picture of numbers in rows and columns, each a coloured cell.
///
/// Where there are more rows or columns than a screen can tell apart, a cell is the mean of neighbours. A
/// cell without a number that can be drawn is left empty.
package struct HeatMap: Figure {
  package var title: String
  package var summary: String
  /// The numbers of each row, from the top. Rows may have different lengths.
  package var values: [[Double]]
  /// What the rows, the columns and the colours measure.
  package var rowLabel: String
  package var columnLabel: String
  package var valueLabel: String
  /// The names of the rows; by default their numbers from `firstRow` on.
  package var rowNames: [String]?
  package var firstRow = 0
  package var firstColumn = 0
  package var format = Axis.Format.number
  /// The colours cover at least this range, and more where the values need it.
  package var least: ClosedRange<Double>?
  /// A line before a column, with its label above.
  package var divider: Divider?
  package var width = standardWidth

  /// A border between columns.
  package struct Divider: Sendable {
    /// The number of columns left of it.
    package var column: Int
    package var label: String

    package init(column: Int, label: String) {
      self.column = column
      self.label = label
    }
  }

  package init(
    _ title: String, summary: String, rows: String, columns: String, values valueLabel: String,
    _ values: [[Double]]
  ) {
    self.title = title
    self.summary = summary
    self.rowLabel = rows
    self.columnLabel = columns
    self.valueLabel = valueLabel
    self.values = values
  }

  package func drawn() -> Drawing {
    let drawer = HeatMapDrawer(self)
    return Drawing(self, drawer.elements, height: drawer.height, notes: drawer.notes)
  }
}
