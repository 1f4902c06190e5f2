/// Horizontal bars, each divided into segments.
package struct StackedBars: Figure {
  package var title: String
  package var summary: String
  /// The names of the segments, from the left. Each has its own colour.
  package var segments: [String]
  package var rows: [Row]
  /// What the length of a segment measures.
  package var axis: Axis
  /// What the rows are.
  package var rowLabel: String
  /// A line down the bars, which the legend explains.
  package var rule: Axis.Place?
  package var width = standardWidth

  package struct Row: Sendable {
    package var name: String
    /// As many numbers from 0 on as there are segments.
    package var values: [Double]

    package init(_ name: String, _ values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  package init(
    _ title: String, summary: String, rows rowLabel: String, axis: Axis, segments: [String],
    _ rows: [Row]
  ) {
    self.title = title
    self.summary = summary
    self.rowLabel = rowLabel
    self.axis = axis
    self.segments = segments
    self.rows = rows
  }

  package func drawn() -> Drawing {
    let drawer = StackedBarsDrawer(self)
    return Drawing(self, drawer.elements, height: drawer.height, notes: drawer.notes)
  }
}
