/// A table of a report. The first cell of a row names the row.
package struct ReportTable: Sendable {
  package var caption: String
  package var columns: [Column]
  package var rows: [[Cell]]

  package struct Column: Sendable {
    package var title: String
    /// Whether its cells are numbers, which stand at the right.
    package var isNumber: Bool

    package static func text(_ title: String) -> Column { Column(title: title, isNumber: false) }
    package static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
  }

  package struct Cell: Sendable {
    package var text: String
    package var tone: Tone

    package init(_ text: String, _ tone: Tone = .plain) {
      self.text = text
      self.tone = tone
    }
  }

  package init(_ caption: String, _ columns: [Column], _ rows: [[Cell]]) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  package init(_ caption: String, _ columns: [Column], _ rows: [[String]]) {
    self.init(caption, columns, rows.map { $0.map { Cell($0) } })
  }
}
