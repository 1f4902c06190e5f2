import HymbaFormat

/// The weights of one layer and what they compute.
struct HymbaLayer: Sendable {
  private let index: Int
  private let norm: LayerNorm
  private let attention: AttentionBranch
  private let mamba: MambaBranch
  private let gate: Linear
  private let feedForwardNorm: LayerNorm
  private let up: Linear
  private let down: Linear

  /// Reads the layer's weights.
  init(_ index: Int, _ architecture: Architecture, _ reader: ParameterReader) throws {
    let layer = architecture.layers[index]
    let hidden = architecture.hiddenSize
    let prefix = "layers.\(index)"
    guard case .parallel(let attention, let mamba, .gated) = layer.mixer,
      case .gelu(let intermediate) = layer.feedForward
    else { throw ModelError.configuration("layer \(index) is of a kind that cannot be computed") }
    self.index = index
    self.norm = try reader.norm("\(prefix).norm", architecture)
    self.attention = try AttentionBranch(
      attention, "\(prefix).attention", architecture, reader)
    self.mamba = try MambaBranch(mamba, "\(prefix).mamba", hiddenSize: hidden, reader)
    self.gate = try reader.linear("\(prefix).fusion.gate_proj", hidden, hidden, bias: true)
    self.feedForwardNorm = try reader.norm("\(prefix).ffn_norm", architecture)
    self.up = try reader.linear("\(prefix).ffn.up_proj", hidden, intermediate, bias: true)
    self.down = try reader.linear("\(prefix).ffn.down_proj", intermediate, hidden, bias: true)
  }

  /// - Parameter h: [batch * length, hidden]
  /// - Returns: [batch * length, hidden]
  func callAsFunction(
    _ h: Matrix, batch: Int, length: Int, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let n = norm(h)
    let m = mamba(n, batch: batch, length: length)
    try capture(.mamba(layer: index), m)
    let a = attention(n, batch: batch, length: length)
    try capture(.attention(layer: index), a)
    let g = gate(n).mapped(Activation.sigmoid)
    try capture(.gate(layer: index), g)
    // g * m + (1 - g) * a
    let left = g.combined(with: m, *)
    let right = g.combined(with: a) { (1 - $0) * $1 }
    let mixed = h + left + right
    return mixed + down(up(feedForwardNorm(mixed)).mapped(Activation.gelu))
  }
}
