/// One way in which a layer mixes positions, with its weights: attention, or a state space model.
protocol Branch: Sendable {
  /// Computes the branch for the next positions of a batch.
  ///
  /// - Parameters:
  ///   - n: [batch * length, input], normalised
  ///   - layer: The layer that applies the branch. Its part of the state is used.
  ///   - capture: Receives intermediate results beside the branch's result.
  /// - Returns: [batch * length, hidden], or [batch * length, width of the branch] where a fusion projects both
  ///   branches.
  func callAsFunction(
    _ n: Matrix, layer: Int, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix

  /// The capture under which the branch's result is known.
  func capture(layer: Int) -> Capture
}
