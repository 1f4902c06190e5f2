extension Architecture {
  /// One transformer block whose weights several layers apply. It has no residual stream inside.
  ///
  /// It computes `ffn(ffn_norm(attention(norm(concat(x, x0)))))`, where x is the residual stream and x0 the
  /// stream before the first layer. So its norm and the inputs of its q, k and v projections have the width 2 *
  /// hiddenSize.
  public struct SharedBlock: Hashable, Sendable, Codable {
    public var attention: Attention
    public var feedForward: FeedForward

    public init(attention: Attention, feedForward: FeedForward) {
      self.attention = attention
      self.feedForward = feedForward
    }
  }
}
