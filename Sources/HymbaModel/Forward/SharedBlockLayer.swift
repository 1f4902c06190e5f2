/// The transformer block whose weights several layers apply (Zamba, arXiv 2405.16712, section 2):
/// `ffn(ffn_norm(attention(norm(concat(x, x0)))))`, where x0 is the stream before the first layer.
struct SharedBlockLayer: Sendable {
  private let norm: NormLayer
  private let attention: AttentionBranch
  private let feedForwardNorm: NormLayer
  private let feedForward: FeedForwardNetwork

  /// Reads the weights.
  ///
  /// - Returns: Nil where the architecture has no shared block.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
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

  /// Computes the block for the next positions.
  ///
  /// - Parameters:
  ///   - x: [batch * length, hidden], the stream.
  ///   - layer: The layer that applies the block. Each application keeps its own keys and values.
  /// - Returns: [batch * length, hidden]
  func callAsFunction(_ x: Matrix, layer: Int, _ state: inout PassState) -> Matrix {
    let n = norm(.joined([x, state.origin]))
    let attended = attention(n, layer: layer, &state, capture: { _, _ in })
    return feedForward(feedForwardNorm(attended))
  }
}

/// One layer's use of the shared block, with the layer's own projection of the block's result.
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

  /// - Parameter x: [batch * length, hidden], the stream.
  /// - Returns: [batch * length, hidden], which is added to the input of the layer's mixer, and not to the
  ///   stream itself.
  func callAsFunction(
    _ x: Matrix, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let s = projection(block(x, layer: layer, &state))
    try capture(.shared(layer: layer), s)
    return s
  }
}
