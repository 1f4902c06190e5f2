import HymbaFormat

/// A map from the elements of a move's sources to their places in the targets. It needs no tensor data, so a
/// move can be made part by part.
///
/// Elements are grouped in runs: the largest number of consecutive elements that every step moves together.
struct ElementMap: Sendable {
  /// The number of elements in a run.
  let run: Int
  private let stages: [Relocation]

  /// - Parameters:
  ///   - steps: The steps of the move without `same` and `repeat`, which move no elements.
  ///   - shapes: The shapes of the sources.
  ///   - name: The name of a source, for messages.
  /// - Throws: ``ConversionError/stepMismatch(tensor:step:found:expected:)``.
  init(
    _ steps: [TransformStep], _ shapes: [[Int]], of name: String
  ) throws(ConversionError) {
    var stages: [Relocation] = []
    var inputs = shapes
    var run = 0
    for step in steps {
      let outputs = try step.shapes(inputs, of: name)
      stages.append(Relocation(step, inputs, outputs))
      run = Self.greatestCommonDivisor(run, step.elementsTogether(inputs, outputs))
      inputs = outputs
    }
    self.stages = stages
    self.run = max(1, run)
  }

  /// The place of a run: the target's index, and the index of the run's first element in it.
  ///
  /// - Parameters:
  ///   - source: The index of the source.
  ///   - element: The index of the run's first element in the source.
  func target(ofSource source: Int, element: Int) -> (tensor: Int, element: Int) {
    var place = (tensor: source, element: element)
    for stage in stages { stage.move(&place) }
    return place
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

/// The effect of one step on the place of an element. All that does not depend on the element is computed
/// before.
private enum Relocation: Sendable {
  case none
  /// The number of elements in one part.
  case stack(Int)
  case unstack(Int)
  /// The axes of each tensor, the last first: an axis's length, and the distance between its neighbours in the
  /// output, in elements.
  case permute([[(length: Int, stride: Int)]])
  /// The number of elements that each part (`widths`) and the result (`whole`) have for one index of the axes
  /// before the joined one, and where each part starts among them.
  case join(widths: [Int], starts: [Int], whole: Int)
  case split(widths: [Int], whole: Int)

  init(_ step: TransformStep, _ inputs: [[Int]], _ outputs: [[Int]]) {
    func elements(_ shape: some Sequence<Int>) -> Int { shape.reduce(1, *) }
    switch step {
    case .reshape, .same, .repeat: self = .none
    case .stack: self = .stack(elements(inputs[0]))
    case .unstack: self = .unstack(elements(outputs[0]))
    case .permute(let axes):
      self = .permute(
        zip(inputs, outputs).map { input, output in
          input.indices.reversed().map { axis in
            let place = axes.firstIndex(of: axis) ?? axis
            return (input[axis], elements(output[(place + 1)...]))
          }
        })
    case .join(let axis, let sizes):
      let inner = elements(outputs[0][(axis + 1)...])
      self = .join(
        widths: sizes.map { $0 * inner },
        starts: sizes.indices.map { sizes[..<$0].reduce(0, +) * inner },
        whole: outputs[0][axis] * inner)
    case .split(let axis, let sizes):
      let inner = elements(inputs[0][(axis + 1)...])
      self = .split(widths: sizes.map { $0 * inner }, whole: inputs[0][axis] * inner)
    }
  }

  func move(_ place: inout (tensor: Int, element: Int)) {
    switch self {
    case .none: break
    case .stack(let part): place = (0, place.tensor * part + place.element)
    case .unstack(let part):
      let (tensor, element) = place.element.quotientAndRemainder(dividingBy: part)
      place = (tensor, element)
    case .permute(let axes):
      var (rest, element) = (place.element, 0)
      for axis in axes[place.tensor] {
        let (next, index) = rest.quotientAndRemainder(dividingBy: axis.length)
        (rest, element) = (next, element + index * axis.stride)
      }
      place.element = element
    case .join(let widths, let starts, let whole):
      let (outer, rest) = place.element.quotientAndRemainder(dividingBy: widths[place.tensor])
      place = (0, outer * whole + starts[place.tensor] + rest)
    case .split(let widths, let whole):
      var (outer, rest) = place.element.quotientAndRemainder(dividingBy: whole)
      var part = 0
      while part < widths.count - 1, rest >= widths[part] {
        rest -= widths[part]
        part += 1
      }
      outer *= widths[part]
      place = (part, outer + rest)
    }
  }
}

extension TransformStep {
  /// The length of the longest runs, counted from the start of each tensor, that the step moves together.
  fileprivate func elementsTogether(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int {
    switch self {
    case .permute(let axes):
      // Trailing axes that stay in place are moved together.
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
}
