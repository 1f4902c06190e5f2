/// Rows of small boxes with a letter each, such as the layers of models. The boxes stand in groups of ten, so that they
/// can be counted.
package struct Strips: Figure {
  package var title: String
  package var summary: String
  package var rows: [Row]
  /// What the styles stand for, in the order of the legend.
  package var legend: [(style: Int, name: String)]
  package var width = standardWidth

  package struct Row: Sendable {
    package var name: String
    package var cells: [Cell]

    package init(_ name: String, _ cells: [Cell]) {
      self.name = name
      self.cells = cells
    }
  }

  package struct Cell: Sendable {
    package var letter: String
    /// The number of its colour, counted from 0; nil for a pale box.
    package var style: Int?
    /// The tooltip.
    package var text: String

    package init(_ letter: String, style: Int?, text: String) {
      self.letter = letter
      self.style = style
      self.text = text
    }
  }

  package init(_ title: String, summary: String, _ rows: [Row], legend: [(style: Int, name: String)]) {
    self.title = title
    self.summary = summary
    self.rows = rows
    self.legend = legend
  }

  private static let mostRows = 64
  private static let mostCells = 1000
  private static let cellsInLine = 20
  private static let lineHeight = 26.0
  private static let boxHeight = 22.0
  /// The room for the number of a line's first box.
  private static let left = 38.0
  private static let groupGap = 8.0

  package func drawn() -> Drawing {
    let key = Legend(
      legend.map { Legend.area($0.name, SeriesStyle($0.style).color, opacity: 0.3) }, width: width)
    var elements = key.elements
    var y = key.height + 8
    let shown = rows.prefix(Self.mostRows)
    for row in shown {
      if !row.name.isEmpty {
        let name = TextSize.fitting(row.name, width)
        let label = SVGElement.text(name, 0, y + 14)
        elements.append(name == row.name ? label : label.titled(row.name))
        y += TextSize.line
      }
      let cells = row.cells.prefix(Self.mostCells)
      for first in stride(from: 0, to: cells.count, by: Self.cellsInLine) {
        elements.append(.text("\(first)", Self.left - 6, y + 16, anchor: "end", fill: Ink.faint))
        for index in first..<min(cells.count, first + Self.cellsInLine) {
          elements += box(cells[index], column: index - first, y)
        }
        y += Self.lineHeight
      }
      y += 6
    }
    return Drawing(self, elements, height: max(1, y), notes: notes)
  }

  private var notes: [String] {
    let longest = rows.map(\.cells.count).max() ?? 0
    return
      (rows.count > Self.mostRows ? ["The first \(Self.mostRows) of \(rows.count) rows are drawn."] : [])
      + (longest > Self.mostCells ? ["The first \(Self.mostCells) of \(longest) boxes are drawn."] : [])
  }

  private func box(_ cell: Cell, column: Int, _ y: Double) -> [SVGElement] {
    let size = (width - Self.left - Self.groupGap) / Double(Self.cellsInLine)
    let x = Self.left + size * Double(column) + (column < Self.cellsInLine / 2 ? 0 : Self.groupGap)
    let color = cell.style.map { SeriesStyle($0).color }
    let paint =
      color.map { [("fill", $0), ("fill-opacity", "0.3"), ("stroke", $0)] }
      ?? [("fill", "none"), ("stroke", Ink.grid)]
    let group = SVGElement.group([
      .rect(x + 1, y, size - 2, Self.boxHeight, paint),
      .text(
        cell.letter, x + size / 2, y + 16, anchor: "middle", fill: cell.style == nil ? Ink.faint : Ink.text),
    ])
    return [group.titled(cell.text)]
  }
}
