import HymbaFormat

/// One feed-forward network: `down(f(up(x)))`, or with a gate `down(f(gate(x)) * up(x))`.
struct FeedForwardNetwork: Sendable {
  private let activation: Activation
  private let gate: Linear?
  private let up: Linear
  private let down: Linear

  /// Reads the weights.
  ///
  /// - Parameter kind: The kind of the feed forward. Each expert of a mixture is such a network.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ kind: Architecture.FeedForward, _ prefix: String, hiddenSize: Int, _ reader: ParameterReader
  ) throws {
    let size = kind.intermediateSize ?? 0
    func linear(_ name: String, _ input: Int, _ output: Int) throws -> Linear {
      try reader.linear("\(prefix).\(name)", input, output, bias: kind.hasBiases)
    }
    self.activation = kind.activation
    self.up = try linear("up_proj", hiddenSize, size)
    self.gate = kind.isGated ? try linear("gate_proj", hiddenSize, size) : nil
    self.down = try linear("down_proj", size, hiddenSize)
  }

  /// - Parameter x: [rows, hidden]
  /// - Returns: [rows, hidden]
  func callAsFunction(_ x: Matrix) -> Matrix {
    guard let gate else { return down(up(x, then: activation)) }
    return down(gate(x, then: activation).combined(with: up(x), *))
  }
}
