extension Architecture {
  /// One transformer block whose weights several layers apply; it has no residual stream inside.
  ///
  /// `ffn(ffn_norm(attention(norm(concat(x, x0)))))`: it reads the residual stream and, beside it, what the
  /// stream began with, so that its norm and the inputs of its q, k and v projections have the width
  /// 2 * hiddenSize.
  public struct SharedBlock: Hashable, Sendable, Codable {
    public var attention: Attention
    public var feedForward: FeedForward

    public init(attention: Attention, feedForward: FeedForward) {
      self.attention = attention
      self.feedForward = feedForward
    }
  }
}
