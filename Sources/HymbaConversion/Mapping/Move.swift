import HymbaFormat

/// One rule with everything filled in: these tensors become those, by these steps.
struct Move: Hashable, Sendable {
  let sources: [String]
  let targets: [String]
  let steps: [TransformStep]

  var inverse: Move {
    Move(sources: targets, targets: sources, steps: steps.reversed().map(\.inverse))
  }

  /// Whether the bytes stay as they are.
  var isRename: Bool { steps.isEmpty && sources.count == 1 && targets.count == 1 }

  /// How the bytes of the targets come from those of the sources.
  var passage: Passage {
    switch steps.first {
    case .same? where steps.count == 1: .equalSources
    case .repeat? where steps.count == 1: .repeatedSource
    default: steps.allSatisfy(\.keepsOrder) ? .concatenation : .whole
    }
  }

  enum Passage: Sendable {
    /// The targets in order hold what the sources in order hold, so that any range passes through.
    case concatenation
    /// The target is each of the sources, which are compared range by range.
    case equalSources
    /// Each target is the source.
    case repeatedSource
    /// Elements change their order: the move is made as a whole.
    case whole
  }

  /// The shapes of the targets from those of the sources.
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

  /// The data of the targets. Memory: all sources and targets of the move at once.
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
