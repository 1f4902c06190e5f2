import HymbaFormat
package import HymbaInspection

/// Tensors with names that are the same but for a layer's number, and with the same explanation.
package struct DifferenceEntry {
  /// The name of all, such as `layers.{0..3}.norm.weight`.
  package var name: String { pattern.text(layers) }
  package let status: TensorDifference.Status
  package private(set) var tensors: [TensorDifference] = []
  /// The layers in the order of the tensors; none where the names have no layer.
  package private(set) var layers: [Int] = []
  private let pattern: Pattern

  private init(_ pattern: Pattern, _ tensor: TensorDifference, layer: Int?) {
    self.pattern = pattern
    self.status = tensor.status
    self.tensors = [tensor]
    self.layers = layer.map { [$0] } ?? []
  }

  /// The shape and the types, or how they changed.
  package var form: String {
    let first = tensors[0]
    var text =
      switch (first.a, first.b) {
      case (let a?, let b?) where a.shape != b.shape: "\(a.shape) to \(b.shape)"
      case (let tensor?, _), (nil, let tensor?): "\(tensor.shape)"
      case (nil, nil): ""
      }
    if let a = first.a, let b = first.b {
      let types = Self.types(first, a, b)
      if types.a != types.b { text += ", \(types.a) to \(types.b)" }
    }
    return text
  }

  /// The types in which two tensors are stored.
  private static func types(
    _ tensor: TensorDifference, _ a: TensorDescriptor, _ b: TensorDescriptor
  ) -> (a: String, b: String) {
    (tensor.storedTypes.a ?? a.type.rawValue, tensor.storedTypes.b ?? b.type.rawValue)
  }

  /// The explanation. Where the tensors' own differ in numbers, that of the first stands for all.
  package var why: String {
    let texts = tensors.map(Self.why)
    return texts[0] + (texts.allSatisfy { $0 == texts[0] } ? "" : ", and alike in the others")
  }

  /// The size of the change over all tensors; nil where the elements cannot be compared one by one.
  package var size: String? {
    Self.size(tensors.compactMap(\.size), least: tensors.compactMap(\.leastChange))
  }

  /// The logical parts that changed, where the entry is a single tensor.
  package var parts: [(name: String, text: String)] {
    guard tensors.count == 1 else { return [] }
    return tensors[0].parts.filter(\.isChanged).map { part in
      let why = part.explanation.map(Self.words) ?? "no explanation"
      return (part.name, "\(why); \(Self.size([part.size].compactMap(\.self)) ?? "")")
    }
  }

  /// The explanations that were not tried, a clause each.
  package var skipped: [String] { tensors[0].skipped }

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
    let storedTypes: [String?]
  }

  /// The tensors that differ, those together that differ alike in several layers.
  package static func entries(of difference: CheckpointDifference) -> [DifferenceEntry] {
    var entries: [DifferenceEntry] = []
    var positions: [Key: Int] = [:]
    for tensor in difference.tensors where tensor.status != .same {
      let (pattern, layer) = Pattern.of(tensor.name)
      let why = describes(tensor) ? tensor.explanation?.kind.rawValue : Self.why(tensor)
      let sides = [tensor.a, tensor.b].compactMap { $0 }
      let key = Key(
        pattern: pattern, status: tensor.status, why: why ?? "", shapes: sides.map(\.shape.dimensions),
        types: sides.map(\.type), storedTypes: [tensor.storedTypes.a, tensor.storedTypes.b])
      if let layer, let position = positions[key] {
        entries[position].tensors.append(tensor)
        entries[position].layers.append(layer)
      } else {
        positions[key] = entries.count
        entries.append(DifferenceEntry(pattern, tensor, layer: layer))
      }
    }
    return entries
  }

  /// The number of tensors of each status, such as `tensors: 3 same, 1 changed`.
  package static func counts(of difference: CheckpointDifference) -> String {
    let counts = TensorDifference.Status.allCases.compactMap { status -> String? in
      let count = difference.tensors.count { $0.status == status }
      return count > 0 ? "\(count.groupedText) \(status.rawValue)" : nil
    }
    return counts.isEmpty ? "no tensors" : "tensors: " + counts.joined(separator: ", ")
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

  /// - Parameter least: The relative changes that the blocks of the tensors allow at best.
  private static func size(_ sizes: [ChangeSize], least: [Double] = []) -> String? {
    func range(_ values: [Double]) -> String? {
      guard let least = values.min(), let most = values.max() else { return nil }
      let (low, high) = (least.shortText, most.shortText)
      return low == high ? low : "\(low) to \(high)"
    }
    let best = range(least).map { ", at best \($0)" } ?? ""
    let texts = [
      range(sizes.compactMap(\.relativeChange)).map { "relative change \($0)\(best)" },
      range(sizes.compactMap(\.cosine)).map { "cosine \($0)" },
    ].compactMap { $0 }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }
}
