/// A transformer block whose weights several layers apply (Zamba, arXiv 2405.16712, section 2):
/// `ffn(ffn_norm(attention(norm(concat(x, x0)))))`, where x0 is the stream before the first layer.
struct SharedBlockLayer: Sendable {
  private let norm: NormLayer
  private let attention: AttentionBranch
  private let feedForwardNorm: NormLayer
  private let feedForward: FeedForwardNetwork

  /// Reads the weights.
  ///
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  fileprivate init(
    _ block: Architecture.SharedBlock, _ network: Architecture.Network, _ prefix: String,
    _ architecture: Architecture, _ reader: ParameterReader
  ) throws {
    let hidden = architecture.hiddenSize
    self.norm = try reader.norm("\(prefix).norm", 2 * hidden, architecture)
    self.attention = try AttentionBranch(
      block.attention, "\(prefix).attention", architecture, reader, inputSize: 2 * hidden,
      hasOutput: true)
    self.feedForwardNorm = try reader.norm("\(prefix).ffn_norm", hidden, architecture)
    self.feedForward = try FeedForwardNetwork(network, "\(prefix).ffn", size: hidden, reader)
  }

  /// Computes the block for the next positions.
  ///
  /// - Parameters:
  ///   - x: [batch * length, hidden], the stream.
  ///   - layer: The layer that applies the block. Each application keeps its own keys and values.
  ///   - adapters: What the layer adds to the block's projections; nil for nothing.
  /// - Returns: [batch * length, hidden]
  func callAsFunction(
    _ x: Matrix, layer: Int, _ state: inout PassState, _ adapters: BlockAdapters?,
    capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let n = norm(.joined([x, state.origin]))
    let attended = try attention(n, layer: layer, &state, adapters: adapters, capture: capture)
    return feedForward(feedForwardNorm(attended), adapters?.feedForward)
  }
}

/// The shared blocks of a model, each read once for all layers that apply it.
struct SharedBlocks: Sendable {
  /// The blocks by their number.
  private let blocks: [Int: SharedBlockLayer]
  private let uses: [Int: Int]

  /// Reads the weights of the blocks.
  ///
  /// - Parameter layer: The layer whose block alone is read; nil for all blocks.
  /// - Returns: Nil where the architecture has no shared block.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init?(_ architecture: Architecture, _ reader: ParameterReader, for layer: Int? = nil) throws {
    guard let block = architecture.sharedBlock, let network = block.feedForward.network else {
      return nil
    }
    let uses = Dictionary(
      uniqueKeysWithValues: architecture.sharedUses.map { ($0.layer, $0.block) })
    self.uses = uses
    let needed = layer.map { [uses[$0]].compactMap(\.self) } ?? Array(0..<(block.count ?? 1))
    self.blocks = Dictionary(
      uniqueKeysWithValues: try needed.map {
        let prefix = block.prefix(ofBlock: $0)
        return ($0, try SharedBlockLayer(block, network, prefix, architecture, reader))
      })
  }

  /// The block that a layer applies; nil where it applies none.
  subscript(layer: Int) -> SharedBlockLayer? { uses[layer].flatMap { blocks[$0] } }
}

/// What one layer adds to the projections of the block that it applies.
struct BlockAdapters: Sendable {
  let query: Adapter?
  let key: Adapter?
  let value: Adapter?
  let feedForward: Adapter?

  /// Reads the weights.
  ///
  /// - Returns: Nil where the architecture has no adapters.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init?(layer: Int, _ architecture: Architecture, _ reader: ParameterReader) throws {
    guard let block = architecture.sharedBlock, let shape = block.adapters else { return nil }
    var read: [String: Adapter] = [:]
    for (name, input, output) in shape.projections(of: block, hiddenSize: architecture.hiddenSize) {
      read[name] = try Adapter(
        "layers.\(layer).adapter.\(name)", input: input, rank: shape.rank, output: output, reader)
    }
    self.query = read["q_proj"]
    self.key = read["k_proj"]
    self.value = read["v_proj"]
    self.feedForward = read["ffn"]
  }
}

/// One layer's use of a shared block, with the layer's own projection of the block's result.
struct SharedBlockUse: Sendable {
  private let block: SharedBlockLayer
  private let adapters: BlockAdapters?
  private let projection: Linear
  private let layer: Int

  init(
    _ block: SharedBlockLayer, layer: Int, _ architecture: Architecture, _ reader: ParameterReader
  ) throws {
    let hidden = architecture.hiddenSize
    self.block = block
    self.adapters = try BlockAdapters(layer: layer, architecture, reader)
    self.projection = try reader.linear(
      "layers.\(layer).shared_proj", hidden, hidden, bias: false)
    self.layer = layer
  }

  /// - Parameter x: [batch * length, hidden], the stream.
  /// - Returns: [batch * length, hidden], which is added to the input of the layer's mixer, and not to the
  ///   stream itself.
  func callAsFunction(
    _ x: Matrix, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let s = projection(try block(x, layer: layer, &state, adapters, capture: capture))
    try capture(.shared(layer: layer), s)
    return s
  }
}
