import HymbaFormat
import HymbaInspection
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
    let entries = self.entries
    if !entries.isEmpty { lines.append("") }
    for entry in entries { lines += entry.lines(width: width) }
    lines += ["", counts]
    if let layers = difference.layers, !difference.isEqual { lines += map(layers, width: width) }
    return lines
  }

  private func side(_ letter: String, _ side: CheckpointPair.Side) -> (label: String, text: String) {
    (letter + "  ", side.location.printable + (side.layout.map { " (\($0.printable))" } ?? ""))
  }

  /// The number of tensors of each status, as one line.
  var counts: String {
    let counts = TensorDifference.Status.allCases.compactMap { status -> String? in
      let count = difference.tensors.count { $0.status == status }
      return count > 0 ? "\(count.groupedText) \(status.rawValue)" : nil
    }
    return counts.isEmpty ? "no tensors" : "tensors: " + counts.joined(separator: ", ")
  }

  // MARK: Tensors

  /// Tensors with names that are the same but for a layer's number, and with the same explanation.
  private struct Entry {
    let pattern: Pattern
    let status: TensorDifference.Status
    var tensors: [TensorDifference] = []
    var layers: [Int] = []

    func lines(width: Int) -> [String] {
      let first = tensors[0]
      let label = status.rawValue.padded(DifferenceText.statusWidth)
      var text = pattern.text(layers) + " "
      switch (first.a, first.b) {
      case (let a?, let b?) where a.shape != b.shape: text += "\(a.shape) to \(b.shape)"
      case (let tensor?, _), (nil, let tensor?): text += "\(tensor.shape)"
      case (nil, nil): break
      }
      if let a = first.a, let b = first.b, a.type != b.type {
        text += ", \(a.type.rawValue) to \(b.type.rawValue)"
      }
      var lines = text.printable.wrapped(label: label, width: width)
      lines += why.printable.wrapped(label: DifferenceText.indent, width: width)
      if let size { lines += size.wrapped(label: DifferenceText.indent, width: width) }
      for part in tensors.count == 1 ? first.parts : [] where part.isChanged {
        let why = part.explanation.map(DifferenceText.words) ?? "no explanation"
        lines += "\(why); \(DifferenceText.size([part.size].compactMap { $0 }) ?? "")".printable
          .wrapped(label: DifferenceText.indent + part.name.padded(4), width: width)
      }
      for reason in first.skipped {
        lines += reason.wrapped(label: DifferenceText.indent, width: width)
      }
      return lines
    }

    /// The explanation. Where the tensors' own differ in numbers, that of the first stands for all.
    private var why: String {
      let texts = tensors.map(DifferenceText.why)
      return texts[0] + (texts.allSatisfy { $0 == texts[0] } ? "" : ", and alike in the others")
    }

    private var size: String? { DifferenceText.size(tensors.compactMap(\.size)) }
  }

  /// A name, or the names of a tensor in several layers.
  private struct Pattern: Hashable {
    let before: String
    let after: String?

    /// The name cut at the number of its layer; the number is nil where it has none.
    static func of(_ name: String) -> (Pattern, Int?) {
      guard let layer = LayerMap.layer(name), let range = name.firstRange(of: ".\(layer).") else {
        return (Pattern(before: name, after: nil), nil)
      }
      return (
        Pattern(before: String(name[..<range.lowerBound]), after: String(name[range.upperBound...])), layer
      )
    }

    func text(_ layers: [Int]) -> String {
      guard let after else { return before }
      return "\(before).\(NumberRanges(layers).braces).\(after)"
    }
  }

  private struct Key: Hashable {
    let pattern: Pattern
    let status: TensorDifference.Status
    /// The explanation; of one that only describes the change, its kind.
    let why: String
    let shapes: [[Int]]
    let types: [ElementType]
  }

  private var entries: [Entry] {
    var entries: [Entry] = []
    var positions: [Key: Int] = [:]
    for tensor in difference.tensors where tensor.status != .same {
      let (pattern, layer) = Pattern.of(tensor.name)
      let why = Self.describes(tensor) ? tensor.explanation?.kind.rawValue : Self.why(tensor)
      let sides = [tensor.a, tensor.b].compactMap { $0 }
      let key = Key(
        pattern: pattern, status: tensor.status, why: why ?? "", shapes: sides.map(\.shape.dimensions),
        types: sides.map(\.type))
      if layer != nil, let position = positions[key] {
        entries[position].tensors.append(tensor)
        entries[position].layers.append(layer ?? 0)
      } else {
        positions[key] = entries.count
        entries.append(
          Entry(
            pattern: pattern, status: tensor.status, tensors: [tensor],
            layers: layer.map { [$0] } ?? []))
      }
    }
    return entries
  }

  private static func why(_ tensor: TensorDifference) -> String {
    if let explanation = tensor.explanation { return words(explanation) }
    switch tensor.status {
    case .added, .removed, .same: return ""
    case .changed, .reshaped, .retyped:
      return tensor.parts.contains(where: \.isChanged) ? "by parts:" : "no explanation"
    }
  }

  /// Whether the explanation describes the change and does not reproduce it.
  private static func describes(_ tensor: TensorDifference) -> Bool {
    switch tensor.explanation?.kind {
    case .lowRank, .sparse, .unrelated: true
    default: false
    }
  }

  private static func words(_ explanation: Explanation) -> String {
    switch explanation.kind {
    case .lowRank, .sparse, .unrelated: explanation.detail
    case .parts where !explanation.exact: explanation.detail
    default: explanation.detail + (explanation.exact ? ", bit for bit" : ", within rounding")
    }
  }

  private static func size(_ sizes: [ChangeSize]) -> String? {
    func range(_ values: [Double]) -> String? {
      guard let least = values.min(), let most = values.max() else { return nil }
      let (low, high) = (least.shortText, most.shortText)
      return low == high ? low : "\(low) to \(high)"
    }
    let texts = [
      range(sizes.compactMap(\.relativeChange)).map { "relative change \($0)" },
      range(sizes.compactMap(\.cosine)).map { "cosine \($0)" },
    ].compactMap { $0 }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
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
