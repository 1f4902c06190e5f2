/// A table with aligned columns, at most as wide as the terminal.
package struct Table {
  package enum Alignment: Sendable { case left, right }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []
  /// The sentences below rows, by the number of rows that were there.
  private var sentences: [Int: [String]] = [:]

  package init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

  /// Adds a row with one text for each column.
  package mutating func add(_ row: [String]) { rows.append(row) }

  /// Adds a sentence below the last row, over all columns.
  package mutating func add(below sentence: String) {
    sentences[rows.count, default: []].append(sentence)
  }

  /// The fewest terminal columns that a name is shortened to. Shorter names could not be told apart.
  private static let shortest = 24
  private static let gap = "  "

  /// The lines of the table, the titles first.
  ///
  /// Where the table is wider than `width`, its first column is shortened in the middle. Where that would leave
  /// too little of it, each row takes several lines instead. A wide first column then has a line of its own.
  ///
  /// - Parameter width: The columns of the terminal; nil for no limit.
  package func lines(width: Int?) -> [String] {
    let all = [columns.map(\.title)] + rows
    var widths = columns.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
    var groups = [Array(columns.indices)]
    if let width, Self.width(of: widths) > width {
      let others = Self.width(of: Array(widths.dropFirst())) + Self.gap.count
      if others + min(Self.shortest, widths[0]) <= width {
        widths[0] = width - others
      } else {
        widths = widths.map { min($0, width) }
        groups = Self.groups(widths, width)
      }
    }
    return all.enumerated().flatMap { index, row in
      groups.enumerated().map { position, group in
        let cells = group.map { column in
          pad(
            row[column].shortened(to: widths[column]), widths[column],
            columns[column].alignment)
        }
        return ((position > 0 ? Self.gap : "") + cells.joined(separator: Self.gap))
          .trimmingTrailingSpaces()
      } + (sentences[index] ?? []).flatMap { $0.wrapped(label: "    ", width: width) }
    }
  }

  private static func width(of widths: [Int]) -> Int {
    widths.reduce(0, +) + gap.count * max(0, widths.count - 1)
  }

  /// The table's columns in each line of a row: as many as fit. A wide first column stays alone.
  private static func groups(_ widths: [Int], _ width: Int) -> [[Int]] {
    var groups = [[0]]
    for column in widths.indices.dropFirst() {
      let last = groups[groups.count - 1]
      let indent = groups.count > 1 ? gap.count : 0
      let isAlone = groups.count == 1 && widths[0] > width / 3
      let fits = indent + Self.width(of: (last + [column]).map { widths[$0] }) <= width
      if fits && !isAlone {
        groups[groups.count - 1].append(column)
      } else {
        groups.append([column])
      }
    }
    return groups
  }

  private func pad(_ text: String, _ width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - text.columns))
    return alignment == .left ? text + space : space + text
  }
}
