/// One step of a rule, which can be reversed. In a layout document it is an object with one key.
public enum LayoutStep: Hashable, Sendable {
  /// Permutes the axes of every tensor, given in their new order. The inverse permutation reverses it.
  case permute([Int])
  /// Gives every tensor another shape with the same elements in order. The shape `from` reverses it.
  case reshape(from: [SizeExpression], to: [SizeExpression])
  /// Concatenates several tensors along an axis, where they have the lengths `sizes`. The step `split` reverses
  /// it.
  case join(axis: Int, sizes: [SizeExpression])
  /// Splits one tensor along an axis into parts of the lengths `sizes`. The step `join` reverses it.
  case split(axis: Int, sizes: [SizeExpression])
  /// Splits one tensor of the shape `[count, …]` into `count` tensors without the first axis. Stacking them
  /// reverses it.
  case unstack(count: SizeExpression)
  /// Makes one tensor of several that must be equal. Repeating it reverses it.
  case same
  /// Computes the numbers of the parameter. Such steps come last.
  case value(ValueStep)
}

extension LayoutStep {
  /// The step as one that computes numbers; nil for a step that only moves them.
  var value: ValueStep? { if case .value(let step) = self { step } else { nil } }
}

extension LayoutStep: Codable {
  private struct Reshape: Codable { var from: [SizeExpression], to: [SizeExpression] }
  private struct Parts: Codable { var axis: Int, sizes: [SizeExpression] }
  private struct Rows: Codable { var sizes: [SizeExpression], by: [String] }
  private enum Key: String, CodingKey, CaseIterable {
    case permute, reshape, join, split, unstack, same, scale
    case negateExp = "negate-exp"
    case scaleRows = "scale-rows"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "a step is an object with one of the keys "
            + Key.allCases.map(\.rawValue).joined(separator: ", ")))
    }
    switch key {
    case .permute: self = .permute(try container.decode([Int].self, forKey: key))
    case .reshape:
      let shapes = try container.decode(Reshape.self, forKey: key)
      self = .reshape(from: shapes.from, to: shapes.to)
    case .join:
      let parts = try container.decode(Parts.self, forKey: key)
      self = .join(axis: parts.axis, sizes: parts.sizes)
    case .split:
      let parts = try container.decode(Parts.self, forKey: key)
      self = .split(axis: parts.axis, sizes: parts.sizes)
    case .unstack: self = .unstack(count: try container.decode(SizeExpression.self, forKey: key))
    case .same, .negateExp:
      guard try container.decode(Bool.self, forKey: key) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "\(key.rawValue) is always true")
      }
      self = key == .same ? .same : .value(.negateExp)
    case .scale:
      self = .value(.scale(by: try container.decode([String].self, forKey: key)))
    case .scaleRows:
      let rows = try container.decode(Rows.self, forKey: key)
      self = .value(.scaleRows(sizes: rows.sizes, by: rows.by))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .permute(let axes): try container.encode(axes, forKey: .permute)
    case .reshape(let from, let to):
      try container.encode(Reshape(from: from, to: to), forKey: .reshape)
    case .join(let axis, let sizes):
      try container.encode(Parts(axis: axis, sizes: sizes), forKey: .join)
    case .split(let axis, let sizes):
      try container.encode(Parts(axis: axis, sizes: sizes), forKey: .split)
    case .unstack(let count): try container.encode(count, forKey: .unstack)
    case .same: try container.encode(true, forKey: .same)
    case .value(.negateExp): try container.encode(true, forKey: .negateExp)
    case .value(.scale(let names)): try container.encode(names, forKey: .scale)
    case .value(.scaleRows(let sizes, let names)):
      try container.encode(Rows(sizes: sizes, by: names), forKey: .scaleRows)
    }
  }
}
