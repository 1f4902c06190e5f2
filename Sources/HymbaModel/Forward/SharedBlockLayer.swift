/// The transformer block whose weights several layers apply (Zamba, arXiv 2405.16712, section 2):
/// `ffn(ffn_norm(attention(norm(concat(x, x0)))))`, x0 what the stream began with.
struct SharedBlockLayer: Sendable {
  private let norm: NormLayer
  private let attention: AttentionBranch
  private let feedForwardNorm: NormLayer
  private let feedForward: FeedForwardNetwork

  /// - Returns: nil where the architecture has none.
  init?(_ architecture: Architecture, _ reader: ParameterReader) throws {
    guard let block = architecture.sharedBlock else { return nil }
    let hidden = architecture.hiddenSize
    self.norm = try reader.norm("shared.norm", 2 * hidden, architecture)
    self.attention = try AttentionBranch(
      block.attention, "shared.attention", architecture, reader, inputSize: 2 * hidden,
      hasOutput: true)
    self.feedForwardNorm = try reader.norm("shared.ffn_norm", hidden, architecture)
    self.feedForward = try FeedForwardNetwork(
      block.feedForward, "shared.ffn", hiddenSize: hidden, reader)
  }

  /// - Parameters:
  ///   - x: [batch * length, hidden], the stream
  ///   - layer: The layer that applies the block: each application has keys and values of its own.
  /// - Returns: [batch * length, hidden]
  func callAsFunction(_ x: Matrix, layer: Int, _ state: inout PassState) -> Matrix {
    let n = norm(.joined([x, state.origin]))
    let attended = attention(n, layer: layer, &state, capture: { _, _ in })
    return feedForward(feedForwardNorm(attended))
  }
}

/// One layer's use of the shared block, with its own projection of what the block gives.
struct SharedBlockUse: Sendable {
  private let block: SharedBlockLayer
  private let projection: Linear
  private let layer: Int

  init(
    _ block: SharedBlockLayer, layer: Int, _ hiddenSize: Int, _ reader: ParameterReader
  ) throws {
    self.block = block
    self.projection = try reader.linear(
      "layers.\(layer).shared_proj", hiddenSize, hiddenSize, bias: false)
    self.layer = layer
  }

  /// - Parameter x: [batch * length, hidden], the stream
  /// - Returns: [batch * length, hidden], for the input of the layer's mixer: it reaches the stream through that
  ///   alone.
  func callAsFunction(
    _ x: Matrix, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let s = projection(block(x, layer: layer, &state))
    try capture(.shared(layer: layer), s)
    return s
  }
}
