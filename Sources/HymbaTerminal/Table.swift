/// Rows in aligned columns, at most as wide as the terminal.
public struct Table {
  public enum Alignment: Sendable { case left, right }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  public init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

  public mutating func add(_ row: [String]) { rows.append(row) }

  /// The lines, the titles first. On a terminal the first column is shortened in the middle so that a line
  /// fits `width`.
  public func lines(width: Int?) -> [String] {
    let all = [columns.map(\.title)] + rows
    var widths = columns.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
    if let width {
      let others = widths.dropFirst().reduce(0) { $0 + $1 + 2 }
      widths[0] = min(widths[0], max(12, width - others))
    }
    return all.map { row in
      columns.indices.map { column in
        pad(
          Self.shorten(row[column], to: widths[column]), widths[column], columns[column].alignment)
      }.joined(separator: "  ").trimmingTrailingSpaces()
    }
  }

  private static func shorten(_ text: String, to width: Int) -> String {
    guard width > 4, text.columns > width else { return text }
    let head = (width - 1) / 2
    return text.prefix(head) + "…" + text.suffix(width - 1 - head)
  }

  private func pad(_ text: String, _ width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - text.columns))
    return alignment == .left ? text + space : space + text
  }
}

extension String {
  fileprivate func trimmingTrailingSpaces() -> String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
