import HymbaFormat

/// A step of a layout with all sizes known. It applies to shapes and to data, and has an inverse.
enum TransformStep: Hashable, Sendable {
  case permute([Int])
  case reshape(from: [Int], to: [Int])
  case join(axis: Int, sizes: [Int])
  case split(axis: Int, sizes: [Int])
  case stack(Int)
  case unstack(Int)
  /// This many equal tensors become one.
  case same(Int)
  /// One tensor becomes this many equal ones.
  case `repeat`(Int)

  /// - Parameters:
  ///   - sizes: The sizes that the step's expressions name.
  ///   - copies: The number of tensors that `same` reads.
  /// - Returns: Nil for a step that computes numbers, which a ``ValueMap`` does.
  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  init?(
    _ step: LayoutStep, sizes: [String: Int], copies: Int
  ) throws(ConversionError) {
    func values(_ expressions: [SizeExpression]) throws(ConversionError) -> [Int] {
      try expressions.map { expression throws(ConversionError) in try expression.value(sizes) }
    }
    switch step {
    case .permute(let axes): self = .permute(axes)
    case .reshape(let from, let to): self = .reshape(from: try values(from), to: try values(to))
    case .join(let axis, let parts): self = .join(axis: axis, sizes: try values(parts))
    case .split(let axis, let parts): self = .split(axis: axis, sizes: try values(parts))
    case .unstack(let count):
      let number = try count.value(sizes)
      guard number <= Limits.unstackedTensors else {
        throw .layoutInvalid(
          "it unstacks \(number) tensors; at most \(Limits.unstackedTensors) are possible")
      }
      self = .unstack(number)
    case .same: self = .same(copies)
    case .value: return nil
    }
  }

  var inverse: TransformStep {
    switch self {
    case .permute(let axes):
      .permute(axes.indices.map { axis in axes.firstIndex(of: axis) ?? axis })
    case .reshape(let from, let to): .reshape(from: to, to: from)
    case .join(let axis, let sizes): .split(axis: axis, sizes: sizes)
    case .split(let axis, let sizes): .join(axis: axis, sizes: sizes)
    case .stack(let count): .unstack(count)
    case .unstack(let count): .stack(count)
    case .same(let count): .repeat(count)
    case .repeat(let count): .same(count)
    }
  }

  /// Whether the outputs, in order, hold the bytes of the inputs, in order.
  var keepsOrder: Bool {
    switch self {
    case .reshape, .stack, .unstack, .join(axis: 0, _), .split(axis: 0, _): true
    case .permute, .join, .split, .same, .repeat: false
    }
  }

  /// Whether the step treats each tensor by itself and leaves their number as it is.
  var isOfEach: Bool {
    switch self {
    case .permute, .reshape: true
    case .join, .split, .stack, .unstack, .same, .repeat: false
    }
  }

  /// The step in words, for messages.
  var summary: String {
    switch self {
    case .permute(let axes): "permute \(axes)"
    case .reshape(let from, let to): "reshape \(from) to \(to)"
    case .join(let axis, let sizes): "join along axis \(axis) with sizes \(sizes)"
    case .split(let axis, let sizes): "split along axis \(axis) with sizes \(sizes)"
    case .stack(let count): "stack \(count)"
    case .unstack(let count): "unstack \(count)"
    case .same(let count): "same \(count)"
    case .repeat(let count): "repeat \(count)"
    }
  }

  /// The shapes of the outputs, computed from those of the inputs.
  ///
  /// - Parameter name: The name of a tensor, for messages.
  /// - Throws: ``ConversionError/stepMismatch(tensor:step:found:expected:)``.
  func shapes(_ shapes: [[Int]], of name: String) throws(ConversionError) -> [[Int]] {
    func mismatch(_ found: [Int], _ expected: String) -> ConversionError {
      .stepMismatch(tensor: name, step: summary, found: "\(found)", expected: expected)
    }
    func one() throws(ConversionError) -> [Int] {
      guard shapes.count == 1 else {
        throw .stepMismatch(
          tensor: name, step: summary, found: "\(shapes.count) tensors", expected: "one tensor")
      }
      return shapes[0]
    }
    switch self {
    case .permute(let axes):
      return try shapes.map { shape throws(ConversionError) in
        guard axes.sorted() == Array(shape.indices) else {
          throw mismatch(shape, "\(axes.count) axes")
        }
        return axes.map { shape[$0] }
      }
    case .reshape(let from, let to):
      return try shapes.map { shape throws(ConversionError) in
        guard shape == from else { throw mismatch(shape, "\(from)") }
        guard let elements = try? Shape(from).elementCount,
          elements == (try? Shape(to).elementCount)
        else { throw mismatch(shape, "a shape of as many elements as \(to)") }
        return to
      }
    case .join(let axis, let sizes):
      guard shapes.count == sizes.count, let first = shapes.first, first.indices.contains(axis)
      else {
        throw mismatch(shapes.first ?? [], "\(sizes.count) tensors with an axis \(axis)")
      }
      for (shape, size) in zip(shapes, sizes) {
        var expected = first
        expected[axis] = size
        guard shape == expected else { throw mismatch(shape, "\(expected)") }
      }
      var joined = first
      joined[axis] = sizes.reduce(0, +)
      return [joined]
    case .split(let axis, let sizes):
      let whole = try one()
      guard whole.indices.contains(axis), whole[axis] == sizes.reduce(0, +) else {
        throw mismatch(whole, "\(sizes.reduce(0, +)) along axis \(axis)")
      }
      return sizes.map { size in
        var part = whole
        part[axis] = size
        return part
      }
    case .stack(let count), .same(let count):
      guard shapes.count == count, let first = shapes.first else {
        throw mismatch(shapes.first ?? [], "\(count) tensors")
      }
      for shape in shapes where shape != first { throw mismatch(shape, "\(first)") }
      if case .stack = self { return [[count] + first] }
      return [first]
    case .unstack(let count):
      let whole = try one()
      guard whole.first == count else { throw mismatch(whole, "\(count) along axis 0") }
      return [[Int]](repeating: Array(whole.dropFirst()), count: count)
    case .repeat(let count):
      return [[Int]](repeating: try one(), count: count)
    }
  }
}
