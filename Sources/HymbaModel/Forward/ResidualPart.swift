/// One part of a layer with the norm before it. Its result is added to the stream.
struct ResidualPart: Sendable {
  private enum Body {
    case mixer(MixerLayer)
    case network(FeedForwardNetwork)
    case experts(ExpertsLayer)
  }

  private let layer: Int
  private let norm: NormLayer
  /// The model's shared block, whose result is added to the part's input but not to the stream; nil where it is
  /// not used.
  private let shared: SharedBlockUse?
  private let body: Body

  /// Reads the part's weights.
  ///
  /// - Parameter residentExperts: The most bytes of experts that stay in memory. The others are read when they
  ///   are chosen.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ part: Architecture.Layer.Part, layer: Int, _ architecture: Architecture,
    _ reader: ParameterReader, sharedBlocks: SharedBlocks?, residentExperts: Int
  ) throws {
    let (prefix, hidden) = ("layers.\(layer)", architecture.hiddenSize)
    let residual = architecture.multipliers.residual.map { Float($0) }
    self.layer = layer
    self.norm = try reader.norm("\(prefix).\(part.normName)", hidden, architecture)
    switch part {
    case .mixer(let mixer):
      self.shared =
        try sharedBlocks?[layer].map { try SharedBlockUse($0, layer: layer, architecture, reader) }
      self.body = .mixer(try MixerLayer(mixer, layer: layer, architecture, reader))
    case .network(let network):
      self.shared = nil
      self.body = .network(
        try FeedForwardNetwork(network, "\(prefix).ffn", size: hidden, reader, residual: residual))
    case .experts(let mixture):
      self.shared = nil
      self.body = .experts(
        try ExpertsLayer(
          mixture, "\(prefix).ffn", hiddenSize: hidden, reader, residual: residual,
          residentBytes: residentExperts))
    }
  }

  /// Computes the part for the next positions.
  ///
  /// - Parameter x: [batch * length, hidden], the stream.
  /// - Returns: [batch * length, hidden], which the caller adds to the stream.
  /// - Throws: The errors of reading experts and of `capture`.
  func callAsFunction(
    _ x: Matrix, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) throws -> Matrix {
    let input = try shared.map { x + (try $0(x, &state, capture: capture)) } ?? x
    let n = norm(input)
    switch body {
    case .mixer(let mixer): return try mixer(n, layer: layer, &state, capture: capture)
    case .network(let network): return network(n)
    case .experts(let experts):
      let routed = experts.route(n)
      try capture(.router(layer: layer), routed.probabilities)
      return try experts(routed)
    }
  }

  /// Takes lanes through the part.
  ///
  /// - Parameter capture: Receives what the first lane computes.
  /// - Throws: The errors of reading experts, of the lanes' steering and of `capture`.
  func advance(_ lanes: inout Lanes, capture: (Capture, Matrix) throws -> Void) throws {
    switch body {
    case .mixer:
      try lanes.mix(in: layer) { x, state, isFirst in
        try self(x, &state, capture: isFirst ? capture : { _, _ in })
      }
    case .network(let network): lanes.map { $0 + network(norm($0)) }
    case .experts(let experts):
      try lanes.route(through: experts, layer: layer, norm, capture: capture)
    }
  }
}
