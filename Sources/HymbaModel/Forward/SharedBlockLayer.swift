import HymbaFormat

/// The transformer block whose weights several layers apply (Zamba, arXiv 2405.16712, section 2):
/// `ffn(ffn_norm(attention(norm(concat(x, x0)))))`, x0 what the stream began with.
struct SharedBlockLayer: Sendable {
  private let norm: NormLayer
  let attention: AttentionBranch
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
  ///   - x: [rows, hidden], the stream
  ///   - origin: [rows, hidden], what it began with
  ///   - attend: Computes the attention, with the keys and values of this application.
  /// - Returns: [rows, hidden]
  func callAsFunction(
    _ x: Matrix, origin: Matrix, attend: (AttentionBranch, Matrix) -> Matrix
  ) -> Matrix {
    feedForward(feedForwardNorm(attend(attention, norm(.joined([x, origin])))))
  }
}
