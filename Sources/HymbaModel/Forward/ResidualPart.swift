/// One part of a layer with the norm before it; what it gives is added to the stream.
struct ResidualPart: Sendable {
  private enum Body {
    case mixer(MixerLayer)
    case network(FeedForwardNetwork)
    case experts(ExpertsLayer)
  }

  private let layer: Int
  private let norm: NormLayer
  /// What the model's shared block adds to the input, not to the stream.
  private let shared: SharedBlockUse?
  private let body: Body

  /// - Parameter residentExperts: Bytes of experts that are kept in memory; the others are read when chosen.
  init(
    _ part: Architecture.Layer.Part, layer: Int, _ architecture: Architecture,
    _ reader: ParameterReader, sharedBlock: SharedBlockLayer?, residentExperts: Int
  ) throws {
    let (prefix, hidden) = ("layers.\(layer)", architecture.hiddenSize)
    self.layer = layer
    self.norm = try reader.norm("\(prefix).\(part.normName)", hidden, architecture)
    switch part {
    case .mixer(let mixer):
      self.shared =
        if mixer.usesSharedBlock, let sharedBlock {
          try SharedBlockUse(sharedBlock, layer: layer, hidden, reader)
        } else { nil }
      self.body = .mixer(try MixerLayer(mixer, layer: layer, architecture, reader))
    case .feedForward(let feedForward):
      self.shared = nil
      self.body =
        if case .experts(let count, let perToken, _, _) = feedForward {
          .experts(
            try ExpertsLayer(
              count: count, perToken: perToken, feedForward, "\(prefix).ffn", hiddenSize: hidden,
              reader, residentBytes: residentExperts))
        } else {
          .network(
            try FeedForwardNetwork(feedForward, "\(prefix).ffn", hiddenSize: hidden, reader))
        }
    }
  }

  /// - Parameter x: [batch * length, hidden], the stream
  /// - Returns: [batch * length, hidden], to be added to the stream.
  func callAsFunction(
    _ x: Matrix, _ state: inout PassState, chosen: ExpertSteering.Choices,
    capture: (Capture, Matrix) throws -> Void
  ) throws -> Matrix {
    let input = try shared.map { x + (try $0(x, &state, capture: capture)) } ?? x
    let n = norm(input)
    switch body {
    case .mixer(let mixer): return try mixer(n, layer: layer, &state, capture: capture)
    case .network(let network): return network(n)
    case .experts(let experts):
      return try experts(n, chosen: chosen) { try capture(.router(layer: layer), $0) }
    }
  }
}
