/// Decides which experts rows go through, in place of the routers.
///
/// Where the probabilities of a router tie, rounding decides. A comparison with another computation then has to
/// follow that computation's choice.
public struct ExpertSteering {
  /// The experts of some rows of a layer, by row of [batch * length]. The router decides for the other rows.
  public typealias Choices = [Int: [Int]]

  /// The choices with which each layer is computed first, by layer.
  public var choices: [Int: Choices]

  /// Called after each layer with experts; nil where no choice is revised.
  ///
  /// - Parameters:
  ///   - layer: The layer, counted from 0.
  ///   - router: The router's probabilities, [batch, length, experts].
  ///   - output: The layer's result, [batch, length, hidden].
  /// - Returns: The choices with which the experts are computed again; nil to go on.
  public var revise: ((_ layer: Int, _ router: Tensor, _ output: Tensor) throws -> Choices?)?

  public init(
    choices: [Int: Choices] = [:],
    revise: ((_ layer: Int, _ router: Tensor, _ output: Tensor) throws -> Choices?)? = nil
  ) {
    self.choices = choices
    self.revise = revise
  }
}

extension Tensor {
  /// Makes a tensor [batch, length, width] of a matrix of all positions, [batch * length, width].
  init(_ matrix: Matrix, batch: Int) {
    self.init([batch, matrix.rows / batch, matrix.columns], matrix.values)
  }
}
