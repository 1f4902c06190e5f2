import HymbaModel

extension Architecture.Layer {
  /// A layer of a model in which attention and Mamba-2 alternate.
  ///
  /// - Parameters:
  ///   - attends: Whether the mixer is attention.
  ///   - attention, mamba: The mixers. A kind that no layer of the model has is nil.
  init(
    attends: Bool, attention: Architecture.Attention?, mamba: Architecture.Mamba2?,
    feedForward: Architecture.FeedForward
  ) {
    self.init(
      mixer: attends
        ? attention.map { .attention(attention: $0) } : mamba.map { .mamba(mamba: .mamba2($0)) },
      feedForward: feedForward)
  }
}
