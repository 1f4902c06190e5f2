import HymbaFormat
import HymbaTerminal

/// Texts with a label each, one below the other: all beside their labels, or all below them where that leaves
/// too little room.
struct LabelledTexts {
  private var entries: [(label: String, text: String)] = []

  /// Columns of the labels with a gap behind them.
  private static let labelWidth = 17
  private static let indent = "  "
  /// Columns beside a label with which most texts still fit into two lines.
  private static let narrowest = 32

  /// - Parameter label: Spaces in front make it one below the label before.
  mutating func add(_ label: String, _ text: String) { entries.append((label, text)) }

  mutating func add(_ others: LabelledTexts) { entries += others.entries }

  /// - Parameter width: Columns of the longest line; nil for a file.
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
