import HymbaFormat

/// The weights of one layer, and what they compute:
///
///     s = shared_proj(shared block)          where the layer applies it
///     x = x + mixer(norm(x + s))
///     x = x + ffn(ffn_norm(x))               where it has a feed forward
struct Layer: Sendable {
  private let index: Int
  /// The shared block and the layer's own projection of what it gives.
  private let shared: (block: SharedBlockLayer, projection: Linear)?
  private let norm: NormLayer
  private let mixer: MixerLayer
  private let feedForward: FeedForwardLayer?

  /// Reads the layer's weights.
  ///
  /// - Parameters:
  ///   - sharedBlock: That of the model, which is read once for all layers.
  ///   - residentExperts: Bytes of experts that are kept in memory; the others are read when chosen.
  init(
    _ index: Int, _ architecture: Architecture, _ reader: ParameterReader,
    sharedBlock: SharedBlockLayer?, residentExperts: Int = 0
  ) throws {
    let layer = architecture.layers[index]
    let (prefix, hidden) = ("layers.\(index)", architecture.hiddenSize)
    self.index = index
    self.shared =
      if layer.usesSharedBlock, let sharedBlock {
        (
          sharedBlock,
          try reader.linear("\(prefix).shared_proj", hidden, hidden, bias: false)
        )
      } else { nil }
    self.norm = try reader.norm("\(prefix).norm", hidden, architecture)
    self.mixer = try MixerLayer(layer.mixer, prefix, architecture, reader)
    self.feedForward = try FeedForwardLayer(
      layer.feedForward, prefix, architecture, reader, residentExperts: residentExperts)
  }

  /// The attention that the layer applies, its own or the shared block's.
  private var attention: AttentionBranch? { mixer.attention ?? shared?.block.attention }

  /// - Parameters:
  ///   - h: [batch * length, hidden]
  ///   - origin: [batch * length, hidden], what the stream began with
  ///   - keyValues: Keys and values of an earlier layer, where this one uses those.
  ///   - chosen: The experts of some rows, where that is not left to the router.
  /// - Returns: [batch * length, hidden], and the keys and values that were used, if any.
  /// - Throws: what reading experts throws, and what `capture` throws.
  func callAsFunction(
    _ h: Matrix, origin: Matrix, batch: Int, length: Int, shared keyValues: KeyValues?,
    chosen: ExpertSteering.Choices = [:], capture: (Capture, Matrix) throws -> Void
  ) throws -> (Matrix, KeyValues?) {
    var state = emptyState(batch: batch, length: length)
    return try pass(
      h, origin: origin, batch: batch, length: length, state: &state, shared: keyValues,
      chosen: chosen, capture: capture)
  }

  /// The first positions of one sequence.
  ///
  /// - Parameters:
  ///   - h: [length, hidden]
  ///   - origin: [length, hidden], what the stream began with
  ///   - state: That before the first position; becomes that after the last.
  /// - Returns: [length, hidden], and the keys and values that were used, if any.
  func begin(
    _ h: Matrix, origin: Matrix, state: inout LayerState, shared keyValues: KeyValues?
  ) throws -> (Matrix, KeyValues?) {
    try pass(
      h, origin: origin, batch: 1, length: h.rows, state: &state, shared: keyValues,
      capture: { _, _ in })
  }

  private func pass(
    _ h: Matrix, origin: Matrix, batch: Int, length: Int, state: inout LayerState,
    shared keyValues: KeyValues?, chosen: ExpertSteering.Choices = [:],
    capture: (Capture, Matrix) throws -> Void
  ) throws -> (Matrix, KeyValues?) {
    let rotary = state.rotary
    var used: KeyValues?
    let next = try compute(
      h, origin: origin, batch: batch, length: length, state: &state.mamba,
      attend: { attention, n in
        let (result, keyValues) = attention(
          n, batch: batch, length: length, shared: keyValues, rotary: rotary)
        used = keyValues
        return result
      }, chosen: chosen, capture: capture)
    return (next, used)
  }

  /// What the layer keeps between positions while it decodes sequences of up to `length` positions.
  func emptyState(batch: Int, length: Int) -> LayerState {
    LayerState(
      mamba: mixer.mamba?.emptyState(batch: batch) ?? MambaState(history: [], scan: []),
      rotary: attention?.rotary(length: length))
  }

  /// One position of each sequence.
  ///
  /// - Parameters:
  ///   - h: [batch, hidden]
  ///   - origin: [batch, hidden], what the stream began with
  ///   - cache: Keys and values up to here; the layer's own are added, unless it uses an earlier layer's.
  /// - Returns: [batch, hidden]
  func step(
    _ h: Matrix, origin: Matrix, position: Int, state: inout LayerState,
    cache: inout KeyValueCache
  ) throws -> Matrix {
    let rotary = state.rotary
    return try compute(
      h, origin: origin, batch: h.rows, length: 1, state: &state.mamba,
      attend: { attention, n in
        attention.step(n, position: position, rotary: rotary, cache: &cache)
      }, capture: { _, _ in })
  }

  /// - Parameter attend: Computes the attention, of which it knows the keys and values.
  private func compute(
    _ h: Matrix, origin: Matrix, batch: Int, length: Int, state: inout MambaState,
    attend: (AttentionBranch, Matrix) -> Matrix, chosen: ExpertSteering.Choices = [:],
    capture: (Capture, Matrix) throws -> Void
  ) throws -> Matrix {
    var x = h
    if let shared {
      let s = shared.projection(shared.block(h, origin: origin, attend: attend))
      try capture(.shared(layer: index), s)
      x = h + s
    }
    // The stream goes on from h: the shared block's contribution reaches it through the mixer alone.
    let mixed =
      h
      + (try mixer(
        norm(x), batch: batch, length: length, state: &state, layer: index, attend: attend,
        capture: capture))
    guard let feedForward else { return mixed }
    return mixed
      + (try feedForward(mixed, chosen: chosen) { try capture(.router(layer: index), $0) })
  }
}

/// What one layer keeps from one position to the next, beside keys and values.
struct LayerState: Sendable {
  /// Empty where the layer has no Mamba.
  var mamba: MambaState
  let rotary: RotaryEmbedding?

  /// The state of `count` sequences like this one's only one.
  func repeated(_ count: Int) -> LayerState {
    func repeated(_ values: [Float]) -> [Float] { (0..<count).flatMap { _ in values } }
    return LayerState(
      mamba: MambaState(history: repeated(mamba.history), scan: repeated(mamba.scan)),
      rotary: rotary)
  }
}
