import HymbaFormat

/// What follows the mixer of a layer: a norm, then one network or a choice of experts.
struct FeedForwardLayer: Sendable {
  private enum Kind {
    case network(FeedForwardNetwork)
    case experts(ExpertsLayer)
  }

  private let norm: NormLayer
  private let kind: Kind

  /// - Parameter residentExperts: Bytes of experts that are kept in memory; the others are read when chosen.
  /// - Returns: nil where the layer ends with its mixer.
  init?(
    _ kind: Architecture.FeedForward, _ prefix: String, _ architecture: Architecture,
    _ reader: ParameterReader, residentExperts: Int
  ) throws {
    let hidden = architecture.hiddenSize
    switch kind {
    case .none: return nil
    case .experts(let count, let perToken, _, _):
      self.kind = .experts(
        try ExpertsLayer(
          count: count, perToken: perToken, kind, "\(prefix).ffn", hiddenSize: hidden, reader,
          residentBytes: residentExperts))
    case .gelu, .swiGLU, .geGLU, .reluSquared, .gated:
      self.kind = .network(
        try FeedForwardNetwork(kind, "\(prefix).ffn", hiddenSize: hidden, reader))
    }
    self.norm = try reader.norm("\(prefix).ffn_norm", hidden, architecture)
  }

  /// - Parameters:
  ///   - x: [rows, hidden], the stream
  ///   - chosen: The experts of some rows, where that is not left to the router.
  ///   - router: Is given the probabilities of experts, [rows, experts], where there are any.
  /// - Returns: [rows, hidden], to be added to the stream.
  /// - Throws: what reading the chosen experts throws, and what `router` throws.
  func callAsFunction(
    _ x: Matrix, chosen: ExpertSteering.Choices, router: (Matrix) throws -> Void
  ) throws -> Matrix {
    switch kind {
    case .network(let network): network(norm(x))
    case .experts(let experts): try experts(norm(x), chosen: chosen, router: router)
    }
  }
}
