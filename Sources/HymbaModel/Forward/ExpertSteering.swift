/// Decides in place of the routers which experts rows go through.
///
/// Where a router's probabilities tie, rounding decides, and a comparison has to go the way that the other
/// computation went.
public struct ExpertSteering {
  /// The experts of some rows of a layer, by row of [batch * length]; the router decides the others.
  public typealias Choices = [Int: [Int]]

  /// What each layer is first computed with.
  public var choices: [Int: Choices]

  /// Is asked after each layer with experts.
  ///
  /// - Parameters:
  ///   - layer: Which one, counted from 0.
  ///   - router: Its probabilities, [batch, length, experts].
  ///   - output: What it gave, [batch, length, hidden].
  /// - Returns: The choices to compute the layer again with; nil to go on.
  public var revise: (_ layer: Int, _ router: Tensor, _ output: Tensor) throws -> Choices?

  public init(
    choices: [Int: Choices] = [:],
    revise: @escaping (_ layer: Int, _ router: Tensor, _ output: Tensor) throws -> Choices? = {
      _, _, _ in nil
    }
  ) {
    self.choices = choices
    self.revise = revise
  }

  /// What a layer gives once nothing is revised any more; only then its captures are passed on.
  ///
  /// - Parameter compute: Computes the layer with the experts of some rows given.
  func settle(
    _ layer: Int, batch: Int, capture: (Capture, Matrix) throws -> Void,
    compute: (Choices, (Capture, Matrix) throws -> Void) throws -> Matrix
  ) throws -> Matrix {
    var chosen = choices[layer] ?? [:]
    while true {
      var captured: [(Capture, Matrix)] = []
      let result = try compute(chosen) { captured.append(($0, $1)) }
      let router = captured.last { $0.0 == .router(layer: layer) }
      if let router = router?.1,
        let revised = try revise(
          layer, Tensor(router, batch: batch), Tensor(result, batch: batch))
      {
        chosen = revised
        continue
      }
      for (what, matrix) in captured { try capture(what, matrix) }
      return result
    }
  }
}

extension Tensor {
  /// A matrix of all positions, [batch * length, width], as [batch, length, width].
  init(_ matrix: Matrix, batch: Int) {
    self.init([batch, matrix.rows / batch, matrix.columns], matrix.values)
  }
}
