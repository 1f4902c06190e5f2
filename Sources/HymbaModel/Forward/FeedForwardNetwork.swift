import HymbaFormat

/// One network of a feed forward.
struct FeedForwardNetwork: Sendable {
  /// What is between the projections.
  private enum Form { case gelu, reluSquared, geGLU(gate: Linear), swiGLU(gate: Linear) }

  private let form: Form
  private let up: Linear
  private let down: Linear

  init(
    _ kind: Architecture.FeedForward, _ prefix: String, hiddenSize: Int, _ reader: ParameterReader
  ) throws {
    let size = kind.intermediateSize ?? 0
    let hasBias = if case .gelu = kind { true } else { false }
    func linear(_ name: String, _ input: Int, _ output: Int) throws -> Linear {
      try reader.linear("\(prefix).\(name)", input, output, bias: hasBias)
    }
    self.up = try linear("up_proj", hiddenSize, size)
    self.form =
      switch kind {
      case .none, .gelu: .gelu
      case .reluSquared: .reluSquared
      case .geGLU: .geGLU(gate: try linear("gate_proj", hiddenSize, size))
      // Each expert is such a network.
      case .swiGLU, .experts: .swiGLU(gate: try linear("gate_proj", hiddenSize, size))
      }
    self.down = try linear("down_proj", size, hiddenSize)
  }

  /// - Parameter x: [rows, hidden]
  /// - Returns: [rows, hidden]
  func callAsFunction(_ x: Matrix) -> Matrix {
    switch form {
    case .gelu: down(up(x, then: .gelu))
    case .reluSquared: down(up(x, then: .reluSquared))
    case .geGLU(let gate): down(gate(x, then: .gelu).combined(with: up(x), *))
    case .swiGLU(let gate): down(gate(x, then: .silu).combined(with: up(x), *))
    }
  }
}
