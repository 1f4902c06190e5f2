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
}

extension LayoutStep: Codable {
  private struct Reshape: Codable { var from: [SizeExpression], to: [SizeExpression] }
  private struct Parts: Codable { var axis: Int, sizes: [SizeExpression] }
  private enum Key: String, CodingKey, CaseIterable {
    case permute, reshape, join, split, unstack, same
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
    case .same:
      guard try container.decode(Bool.self, forKey: key) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "same is always true")
      }
      self = .same
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
    }
  }
}
