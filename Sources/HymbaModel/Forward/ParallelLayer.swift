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
      let projectsEach = fusion == .gated
      self.attention = try AttentionBranch(
        attention, "\(prefix).attention", architecture, reader, hasOutput: projectsEach)
      self.mamba = try MambaBranch(
        mamba, "\(prefix).mamba", architecture, reader, hasOutput: projectsEach)
      self.fusion = try FusionLayer(fusion, "\(prefix).fusion", mamba, architecture, reader)
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
    let n = norm(h)
    let (m, mambaGate) = mamba(n, batch: batch, length: length)
    try capture(.mambaGate(layer: index), mambaGate)
    try capture(.mamba(layer: index), m)
    let (a, keyValues) = attention(n, batch: batch, length: length, shared: shared)
    try capture(.attention(layer: index), a)
    let mixed = h + (try fusion(n, attention: a, mamba: m, layer: index, capture: capture))
    return (mixed + feedForward(feedForwardNorm(mixed)), keyValues)
  }
}
