package import HymbaFormat

/// The tensors of a checkpoint that become parameters together, and how they do.
public struct TensorMapping: Sendable {
  private let move: Move
  /// The shapes of the tensors of ``from``; nil for one that the checkpoint does not have.
  package let shapes: [Shape?]

  /// The names of the tensors in the checkpoint.
  public var from: [String] { move.sources }
  /// The names of the parameters.
  public var to: [String] { move.targets }
  /// The steps from the tensors to the parameters in words, in order; empty for tensors that are only renamed.
  public var steps: [String] { move.steps.map(\.summary) + move.values.map(\.summary) }

  init(_ move: Move, in tensors: TensorTable) {
    self.move = move
    self.shapes = move.sources.map { tensors[$0]?.shape }
  }
}
