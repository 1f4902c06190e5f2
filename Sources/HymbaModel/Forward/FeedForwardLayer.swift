import HymbaFormat

/// The feed forward of one layer.
struct FeedForwardLayer: Sendable {
  private let kind: Architecture.FeedForward
  private let up: Linear
  private let gate: Linear?
  private let down: Linear

  init(
    _ kind: Architecture.FeedForward, _ prefix: String, hiddenSize: Int, _ reader: ParameterReader
  ) throws {
    guard let size = kind.intermediateSize, kind.expertCount == 0 else {
      throw ModelError.configuration(
        "“\(prefix)” is no single network, so it cannot be computed yet")
    }
    let hasBias = if case .gelu = kind { true } else { false }
    self.kind = kind
    self.up = try reader.linear("\(prefix).up_proj", hiddenSize, size, bias: hasBias)
    switch kind {
    case .swiGLU, .geGLU:
      self.gate = try reader.linear("\(prefix).gate_proj", hiddenSize, size, bias: hasBias)
    case .none, .gelu, .reluSquared, .experts: self.gate = nil
    }
    self.down = try reader.linear("\(prefix).down_proj", size, hiddenSize, bias: hasBias)
  }

  /// - Parameter x: [rows, hidden]
  /// - Returns: [rows, hidden]
  func callAsFunction(_ x: Matrix) -> Matrix {
    switch kind {
    case .none, .experts: return x
    case .gelu: return down(up(x, then: .gelu))
    case .reluSquared: return down(up(x, then: .reluSquared))
    case .geGLU:
      guard let gate else { return down(up(x)) }
      return down(gate(x, then: .gelu).combined(with: up(x), *))
    case .swiGLU:
      guard let gate else { return down(up(x)) }
      return down(gate(x, then: .silu).combined(with: up(x), *))
    }
  }
}
