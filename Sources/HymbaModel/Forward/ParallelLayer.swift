import HymbaFormat

/// The weights of one layer whose branches read the same normed input, and what they compute.
struct ParallelLayer: Sendable {
  private let index: Int
  private let norm: NormLayer
  private let attention: AttentionBranch
  private let mamba: MambaBranch
  private let fusion: FusionLayer
  private let feedForwardNorm: NormLayer
  private let feedForward: FeedForwardLayer

  /// Reads the layer's weights.
  init(_ index: Int, _ architecture: Architecture, _ reader: ParameterReader) throws {
    let layer = architecture.layers[index]
    let prefix = "layers.\(index)"
    switch layer.mixer {
    case .parallel(let attention, let mamba, let fusion):
      guard attention.scale == nil, mamba.heads == 1 else {
        throw ModelError.configuration(
          "layer \(index) has a scale of its own or several Mamba heads, so it cannot be computed yet"
        )
      }
      let projectsEach = fusion == .gated
      self.attention = try AttentionBranch(
        attention, "\(prefix).attention", architecture, reader, hasOutput: projectsEach)
      self.mamba = try MambaBranch(
        mamba, "\(prefix).mamba", architecture, reader, hasOutput: projectsEach)
      self.fusion = try FusionLayer(fusion, "\(prefix).fusion", mamba, architecture, reader)
    case .attention, .mamba, .sharedThenMamba:
      throw ModelError.configuration(
        "layer \(index) does not have attention and Mamba in parallel, so it cannot be computed yet"
      )
    }
    self.index = index
    self.norm = try reader.norm("\(prefix).norm", architecture)
    self.feedForwardNorm = try reader.norm("\(prefix).ffn_norm", architecture)
    self.feedForward = try FeedForwardLayer(
      layer.feedForward, "\(prefix).ffn", hiddenSize: architecture.hiddenSize, reader)
  }

  /// - Parameters:
  ///   - h: [batch * length, hidden]
  ///   - shared: Keys and values of an earlier layer, where this one uses those.
  /// - Returns: [batch * length, hidden], and the keys and values that were used.
  func callAsFunction(
    _ h: Matrix, batch: Int, length: Int, shared: KeyValues?,
    capture: (Capture, Matrix) throws -> Void
  ) rethrows -> (Matrix, KeyValues) {
    var state = emptyState(batch: batch, length: length)
    return try compute(
      h, batch: batch, length: length, state: &state, shared: shared, capture: capture)
  }

  /// The first positions of one sequence.
  ///
  /// - Parameters:
  ///   - h: [length, hidden]
  ///   - state: That before the first position; becomes that after the last.
  /// - Returns: [length, hidden], and the keys and values that were used.
  func begin(_ h: Matrix, state: inout LayerState, shared: KeyValues?) -> (Matrix, KeyValues) {
    compute(h, batch: 1, length: h.rows, state: &state, shared: shared, capture: { _, _ in })
  }

  private func compute(
    _ h: Matrix, batch: Int, length: Int, state: inout LayerState, shared: KeyValues?,
    capture: (Capture, Matrix) throws -> Void
  ) rethrows -> (Matrix, KeyValues) {
    let n = norm(h)
    let (m, mambaGate) = mamba(n, batch: batch, length: length, state: &state.mamba)
    try capture(.mambaGate(layer: index), mambaGate)
    try capture(.mamba(layer: index), m)
    let (a, keyValues) = attention(
      n, batch: batch, length: length, shared: shared, rotary: state.rotary)
    try capture(.attention(layer: index), a)
    let mixed = h + (try fusion(n, attention: a, mamba: m, layer: index, capture: capture))
    return (mixed + feedForward(feedForwardNorm(mixed)), keyValues)
  }

  /// What the layer keeps between positions while it decodes sequences of up to `length` positions.
  func emptyState(batch: Int, length: Int) -> LayerState {
    LayerState(mamba: mamba.emptyState(batch: batch), rotary: attention.rotary(length: length))
  }

  /// One position of each sequence.
  ///
  /// - Parameters:
  ///   - h: [batch, hidden]
  ///   - cache: Keys and values up to here; the layer's own are added, unless it uses an earlier layer's.
  /// - Returns: [batch, hidden]
  func step(
    _ h: Matrix, position: Int, state: inout LayerState, cache: inout KeyValueCache
  ) -> Matrix {
    let n = norm(h)
    let (m, _) = mamba(n, batch: h.rows, length: 1, state: &state.mamba)
    let a = attention.step(n, position: position, rotary: state.rotary, cache: &cache)
    let mixed = h + fusion(n, attention: a, mamba: m, layer: index, capture: { _, _ in })
    return mixed + feedForward(feedForwardNorm(mixed))
  }
}

/// What one layer keeps from one position to the next, beside keys and values.
struct LayerState: Sendable {
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
