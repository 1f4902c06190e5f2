extension Architecture {
  /// Values that decoding keeps for one sequence.
  public struct CacheSize: Hashable, Sendable {
    /// Keys and values of all layers that have their own.
    public var keyValues: Int
    /// Convolution and scan states; the same for every length.
    public var states: Int
  }

  /// What decoding keeps after `context` tokens.
  ///
  /// Each layer with keys and values of its own keeps keyWidth + valueWidth values for each position that a
  /// layer using them still sees: all meta tokens, and the context, or of it the widest window and the
  /// current position. Each Mamba branch keeps (convWidth - 1 + stateSize) * innerSize values.
  public func cacheSize(context: Int) -> CacheSize {
    let meta = metaTokens.prependedCount
    var size = CacheSize(keyValues: 0, states: 0)
    for (index, layer) in layers.enumerated() {
      switch layer.mixer {
      case .parallel(let attention, let mamba, _):
        size.states += (mamba.convWidth - 1 + mamba.stateSize) * mamba.innerSize
        guard attention.keyValueLayer == nil else { continue }
        let users = layers.indices.filter {
          $0 == index || layers[$0].attention?.keyValueLayer == index
        }
        let windows = users.map { layers[$0].attention?.window }
        let reach = windows.contains { $0 == nil } ? nil : windows.compactMap { $0 }.max()
        let kept = meta + min(context, reach.map { $0 + 1 } ?? context)
        size.keyValues += kept * (attention.keyWidth + attention.valueWidth)
      }
    }
    return size
  }
}
