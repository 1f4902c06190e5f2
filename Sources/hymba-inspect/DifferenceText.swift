import HymbaFormat
import HymbaInspection
import HymbaReport
import HymbaTerminal

/// The difference of two checkpoints, for people. Tensors that differ alike in several layers share an entry.
struct DifferenceText {
  private let difference: CheckpointDifference

  init(_ difference: CheckpointDifference) { self.difference = difference }

  /// The columns of a status, with the gap behind it.
  private static let statusWidth = 10
  private static let indent = String(repeating: " ", count: statusWidth)

  /// - Parameter width: The columns of a line.
  func lines(width: Int) -> [String] {
    let pair = difference.pair
    var lines = [side("A", pair.a), side("B", pair.b)].flatMap { label, text in
      text.wrapped(label: label, width: width)
    }
    let entries = DifferenceEntry.entries(of: difference)
    if !entries.isEmpty { lines.append("") }
    for entry in entries { lines += self.lines(of: entry, width: width) }
    lines += ["", DifferenceEntry.counts(of: difference)]
    if let layers = difference.layers, !difference.isEqual { lines += map(layers, width: width) }
    return lines
  }

  private func side(_ letter: String, _ side: CheckpointPair.Side) -> (label: String, text: String) {
    (letter + "  ", side.location.printable + (side.layout.map { " (\($0.printable))" } ?? ""))
  }

  private func lines(of entry: DifferenceEntry, width: Int) -> [String] {
    let label = entry.status.rawValue.padded(Self.statusWidth)
    let text = ([entry.name, entry.form].filter { !$0.isEmpty }).joined(separator: " ")
    var lines = text.printable.wrapped(label: label, width: width)
    for sentence in [entry.why, entry.size ?? ""] {
      lines += sentence.printable.wrapped(label: Self.indent, width: width)
    }
    for part in entry.parts {
      lines += part.text.printable.wrapped(label: Self.indent + part.name.padded(4), width: width)
    }
    for reason in entry.skipped { lines += reason.wrapped(label: Self.indent, width: width) }
    return lines
  }

  // MARK: Layers

  private func map(_ map: LayerMap, width: Int) -> [String] {
    let symbols = map.layers.map { $0.isChanged ? $0.symbol ?? "x" : "." }
    let room = max(20, width - 2)
    var lines = [
      "",
      "layers that changed: \(map.changed.count.groupedText) of \(map.layers.count.groupedText)",
    ]
    lines += stride(from: 0, to: symbols.count, by: room).map { first in
      "  " + String(symbols[first..<min(symbols.count, first + room)])
    }
    guard map.layers.contains(where: { $0.symbol != nil }) else { return lines }
    return lines
      + map.kinds.map { kind in
        let changed = kind.changed.isEmpty ? "none" : "\(kind.changed.count)"
        let symbol = map.layers.first { kind.kind == $0.kind }?.symbol.map(String.init) ?? " "
        return "  \(symbol) \(kind.kind): \(changed) of \(kind.count)"
      }
  }
}
