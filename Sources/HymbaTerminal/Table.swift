/// Rows in aligned columns, at most as wide as the terminal.
package struct Table {
  package enum Alignment: Sendable { case left, right }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  package init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

  package mutating func add(_ row: [String]) { rows.append(row) }

  /// Columns that a name keeps at least when it is shortened: fewer do not tell one from another.
  private static let shortest = 24
  private static let gap = "  "

  /// The lines, the titles first. On a terminal the first column is shortened in the middle so that a line
  /// fits `width`; where it would not say enough then, a row takes several lines, the first column alone on its
  /// own where it is wide.
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
    return all.flatMap { row in
      groups.enumerated().map { position, group in
        let cells = group.map { column in
          pad(
            Self.shorten(row[column], to: widths[column]), widths[column],
            columns[column].alignment)
        }
        return ((position > 0 ? Self.gap : "") + cells.joined(separator: Self.gap))
          .trimmingTrailingSpaces()
      }
    }
  }

  private static func width(of widths: [Int]) -> Int {
    widths.reduce(0, +) + gap.count * max(0, widths.count - 1)
  }

  /// The columns of each line of a row: as many as fit, beginning anew behind a wide first one.
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

  private static func shorten(_ text: String, to width: Int) -> String {
    let ellipsis = TerminalSettings.current.isUTF8 ? "…" : "..."
    guard width > 2 * ellipsis.count + 2, text.columns > width else { return text }
    let kept = width - ellipsis.count
    return text.prefix(kept / 2) + ellipsis + text.suffix(kept - kept / 2)
  }

  private func pad(_ text: String, _ width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - text.columns))
    return alignment == .left ? text + space : space + text
  }
}
