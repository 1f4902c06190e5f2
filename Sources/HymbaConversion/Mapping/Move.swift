import HymbaFormat

/// A rule with all placeholders filled in: the steps make the targets of the sources.
struct Move: Hashable, Sendable {
  var sources: [String]
  let targets: [String]
  let steps: [TransformStep]
  /// What the sources hold in place of the numbers of the parameter, in the order in which it is undone. A
  /// ``ComputedSource`` over the parameters computes it, not the move.
  var values: [ValueMap] = []

  /// The move from the targets back to the sources.
  var inverse: Move {
    Move(sources: targets, targets: sources, steps: steps.reversed().map(\.inverse))
  }

  /// Whether one tensor keeps its bytes and shape.
  var isRename: Bool { steps.isEmpty && values.isEmpty && sources.count == 1 && targets.count == 1 }

  /// Whether the parameter does not tell all of what the source holds, so that the source is kept beside it.
  var keepsSource: Bool { values.contains(.negateExp) }

  /// The relation between the bytes of the targets and those of the sources.
  var passage: Passage {
    switch steps.first {
    case .same? where steps.count == 1: .equalSources
    case .repeat? where steps.count == 1: .repeatedSource
    default: steps.allSatisfy(\.keepsOrder) ? .concatenation : .whole
    }
  }

  enum Passage: Sendable {
    /// The targets, in order, hold the bytes of the sources, in order. Any range passes through.
    case concatenation
    /// The target equals each source. The sources are compared range by range.
    case equalSources
    /// Each target equals the source.
    case repeatedSource
    /// Elements change their order, so ranges do not pass through.
    case whole
  }

  /// The shapes of the targets, computed from those of the sources.
  ///
  /// - Throws: ``ConversionError/stepMismatch(tensor:step:found:expected:)``, and
  ///   ``ConversionError/layoutInvalid(_:)`` when the steps do not make as many tensors as there are targets.
  func targetShapes(_ shapes: [[Int]]) throws(ConversionError) -> [[Int]] {
    var shapes = shapes
    for step in steps { shapes = try step.shapes(shapes, of: sources[0]) }
    guard shapes.count == targets.count else {
      throw .layoutInvalid(
        "the steps make \(shapes.count) of “\(sources[0].printable)”, where \(targets.count) are needed"
      )
    }
    return shapes
  }

  /// The data of the targets. All sources and targets of the move are in memory at once.
  ///
  /// - Throws: ``ConversionError/ledger(_:)`` for a source tensor that is absent,
  ///   ``ConversionError/copiesDiffer(_:_:)``, and what the source throws.
  /// - Complexity: Reads each source once.
  func apply(_ source: any CheckpointSource) throws -> [RawTensor] {
    var tensors: [RawTensor] = []
    var elementSize = 1
    for name in sources {
      guard let descriptor = source.tensors[name] else {
        throw ConversionError.ledger(LedgerProblems(missing: [name]))
      }
      elementSize = descriptor.type.byteSize
      tensors.append(
        RawTensor(
          dimensions: descriptor.shape.dimensions, bytes: try source.bytes(of: descriptor)))
    }
    for step in steps {
      tensors = try step.apply(tensors, elementSize: elementSize, names: sources)
    }
    return tensors
  }
}
