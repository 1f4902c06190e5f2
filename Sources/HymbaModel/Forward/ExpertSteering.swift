/// Decides in place of the routers which experts rows go through.
///
/// Where a router's probabilities tie, rounding decides, and a comparison has to go the way that the other
/// computation went.
public struct ExpertSteering {
  /// The experts of some rows of a layer, by row of [batch * length]; the router decides the others.
  public typealias Choices = [Int: [Int]]

  /// What each layer is first computed with.
  public var choices: [Int: Choices]

  /// Is asked after each layer with experts; nil where nothing is revised.
  ///
  /// - Parameters:
  ///   - layer: Which one, counted from 0.
  ///   - router: Its probabilities, [batch, length, experts].
  ///   - output: What the layer gave, [batch, length, hidden].
  /// - Returns: The choices to compute the experts again with; nil to go on.
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
  /// A matrix of all positions, [batch * length, width], as [batch, length, width].
  init(_ matrix: Matrix, batch: Int) {
    self.init([batch, matrix.rows / batch, matrix.columns], matrix.values)
  }
}
