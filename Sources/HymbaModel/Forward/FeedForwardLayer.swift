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
    case .gelu: down(up(x).mapped(Activation.gelu))
    case .reluSquared: down(up(x).mapped { $0 > 0 ? $0 * $0 : 0 })
    case .none, .experts: x
    case .geGLU:
      down(up(x).combined(with: gate.map { $0(x) } ?? x) { $0 * Activation.gelu($1) })
    case .swiGLU:
      down(up(x).combined(with: gate.map { $0(x) } ?? x) { $0 * Activation.silu($1) })
    }
  }
}
