import HymbaFormat
import HymbaTerminal

/// A list of texts, each with a label. All texts are beside their labels, or all are below them where that
/// leaves too little room.
struct LabelledTexts {
  private var entries: [(label: String, text: String)] = []

  /// The columns of the labels, with the gap behind them.
  private static let labelWidth = 17
  private static let indent = "  "
  /// The fewest columns beside a label. With them, most texts still fit into two lines.
  private static let narrowest = 32

  /// - Parameter label: The label. Spaces in front of it put it below the label before.
  mutating func add(_ label: String, _ text: String) { entries.append((label, text)) }

  mutating func add(_ others: LabelledTexts) { entries += others.entries }

  /// - Parameter width: The columns of a line; nil for 80.
  func lines(width: Int?) -> [String] {
    let width = width ?? 80
    let isBeside = width - Self.indent.count - Self.labelWidth >= Self.narrowest
    return entries.flatMap { label, text in
      let text = text.printable
      if isBeside {
        return text.wrapped(label: Self.indent + label.padded(Self.labelWidth), width: width)
      }
      let depth = String(label.prefix { $0 == " " }) + Self.indent
      return (label.isEmpty ? [] : [Self.indent + label])
        + text.wrapped(label: depth + Self.indent + Self.indent, width: width)
    }
  }
}
