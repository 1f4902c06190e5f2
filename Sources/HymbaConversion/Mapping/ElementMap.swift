/// Where the elements of a move's sources go, found without making any tensor: what lets a move be made part
/// by part.
///
/// Elements are counted in runs, the largest count that every step moves together.
struct ElementMap: Sendable {
  /// Elements of a run.
  let run: Int
  private let steps: [Stage]

  /// One step with the shapes that go in and come out, in runs along the last axes.
  private struct Stage {
    let step: TransformStep
    let inputs: [[Int]]
    let outputs: [[Int]]
  }

  /// - Parameters:
  ///   - steps: Without `same` and `repeat`, which move no elements.
  ///   - shapes: Of the sources.
  ///   - name: Of a source, for messages.
  init(
    _ steps: [TransformStep], _ shapes: [[Int]], of name: String
  ) throws(ConversionError) {
    var stages: [Stage] = []
    var inputs = shapes
    var run = 0
    for step in steps {
      let outputs = try step.shapes(inputs, of: name)
      stages.append(Stage(step: step, inputs: inputs, outputs: outputs))
      run = Self.greatestCommonDivisor(run, step.elementsTogether(inputs, outputs))
      inputs = outputs
    }
    self.steps = stages
    self.run = max(1, run)
  }

  /// The place of a run of a source: a target, and the run's first element in it.
  /// - Parameter element: The run's first element in the source.
  func target(ofSource source: Int, element: Int) -> (tensor: Int, element: Int) {
    var (tensor, element) = (source, element)
    for stage in steps {
      (tensor, element) = stage.step.moved(tensor, element, stage.inputs, stage.outputs)
    }
    return (tensor, element)
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

extension TransformStep {
  /// Elements, counted from the start of each tensor, that stay together.
  fileprivate func elementsTogether(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int {
    switch self {
    case .permute(let axes):
      // Trailing axes that stay where they are.
      var size = 1
      for axis in axes.indices.reversed() where axes[axis...].elementsEqual(axis..<axes.count) {
        size = inputs[0][axis...].reduce(1, *)
      }
      return inputs.count == 1 ? size : 1
    case .join(let axis, let sizes), .split(let axis, let sizes):
      let whole = inputs.count == 1 ? inputs[0] : outputs[0]
      let inner = whole[(axis + 1)...].reduce(1, *)
      return sizes.reduce(0) { result, size in
        var (a, b) = (result, size)
        while b != 0 { (a, b) = (b, a % b) }
        return a
      } * inner
    case .reshape, .same, .repeat: return inputs[0].reduce(1, *)
    case .stack: return inputs[0].reduce(1, *)
    case .unstack: return outputs[0].reduce(1, *)
    }
  }

  /// Where an element of input `tensor` comes out.
  fileprivate func moved(
    _ tensor: Int, _ element: Int, _ inputs: [[Int]], _ outputs: [[Int]]
  ) -> (Int, Int) {
    switch self {
    case .reshape, .same, .repeat: return (tensor, element)
    case .stack: return (0, tensor * inputs[0].reduce(1, *) + element)
    case .unstack:
      let (part, rest) = element.quotientAndRemainder(dividingBy: outputs[0].reduce(1, *))
      return (part, rest)
    case .permute(let axes):
      let shape = inputs[tensor]
      var index = [Int](repeating: 0, count: shape.count)
      var rest = element
      for axis in shape.indices.reversed() {
        (rest, index[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
      }
      return (tensor, axes.reduce(0) { $0 * shape[$1] + index[$1] })
    case .join(let axis, let sizes):
      let inner = outputs[0][(axis + 1)...].reduce(1, *)
      let (outer, rest) = element.quotientAndRemainder(dividingBy: sizes[tensor] * inner)
      let before = sizes[..<tensor].reduce(0, +) * inner
      return (0, outer * outputs[0][axis] * inner + before + rest)
    case .split(let axis, let sizes):
      let inner = inputs[0][(axis + 1)...].reduce(1, *)
      var (outer, rest) = element.quotientAndRemainder(dividingBy: inputs[0][axis] * inner)
      for (part, size) in sizes.enumerated() {
        if rest < size * inner { return (part, outer * size * inner + rest) }
        rest -= size * inner
      }
      return (sizes.count - 1, outer)
    }
  }
}
