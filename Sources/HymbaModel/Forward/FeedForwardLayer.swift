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
    let size = kind.intermediateSize
    let hasBias = if case .gelu = kind { true } else { false }
    self.kind = kind
    self.up = try reader.linear("\(prefix).up_proj", hiddenSize, size, bias: hasBias)
    if case .swiGLU = kind {
      self.gate = try reader.linear("\(prefix).gate_proj", hiddenSize, size, bias: hasBias)
    } else {
      self.gate = nil
    }
    self.down = try reader.linear("\(prefix).down_proj", size, hiddenSize, bias: hasBias)
  }

  /// - Parameter x: [rows, hidden]
  /// - Returns: [rows, hidden]
  func callAsFunction(_ x: Matrix) -> Matrix {
    switch kind {
    case .gelu: return down(up(x, then: .gelu))
    case .reluSquared: return down(up(x, then: .reluSquared))
    case .swiGLU:
      guard let gate else { return down(up(x)) }
      return down(gate(x, then: .silu).combined(with: up(x), *))
    }
  }
}
