/// One way by which a layer mixes positions, with its weights: attention, or a state space model.
protocol Branch: Sendable {
  /// - Parameters:
  ///   - n: [batch * length, input], normed
  ///   - layer: The layer that applies the branch, whose part of the state is used.
  ///   - capture: Is given what is worth a look beside the result.
  /// - Returns: [batch * length, hidden], or the branch's own width where a fusion projects both branches.
  func callAsFunction(
    _ n: Matrix, layer: Int, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix

  /// The name of the result.
  func capture(layer: Int) -> Capture
}
