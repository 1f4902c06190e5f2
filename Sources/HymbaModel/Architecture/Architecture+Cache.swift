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
  /// current position. So does each application of the shared block: its weights are shared, its keys and
  /// values are not. Each Mamba branch keeps (convWidth - 1 + stateSize) * innerSize values.
  public func cacheSize(context: Int) -> CacheSize {
    var size = CacheSize(keyValues: 0, states: 0)
    // By the layer that keeps keys and values: how far back they are used; nil for all the way.
    var windows: [Int: Int?] = [:]
    for (index, layer) in layers.enumerated() {
      if let mamba = layer.mamba {
        size.states += (mamba.convWidth - 1 + mamba.stateSize) * mamba.innerSize
      }
      if layer.usesSharedBlock, let attention = sharedBlock?.attention {
        size.keyValues += attention.keyValueSize(seen: seen(attention.window, context: context))
      }
      guard let attention = layer.attention else { continue }
      let keeper = attention.keyValueLayer ?? index
      if let known = windows[keeper] {
        windows[keeper] = .some(known.flatMap { width in attention.window.map { max(width, $0) } })
      } else {
        windows[keeper] = .some(attention.window)
      }
    }
    for (keeper, window) in windows where layers.indices.contains(keeper) {
      size.keyValues +=
        layers[keeper].attention?.keyValueSize(seen: seen(window, context: context)) ?? 0
    }
    return size
  }

  /// What each further token adds to the keys and values once it is beyond every window.
  public var keyValuesPerToken: Int {
    let beyond = (allAttentions.compactMap(\.window).max() ?? 0) + 1
    return cacheSize(context: beyond + 1).keyValues - cacheSize(context: beyond).keyValues
  }

  private var allAttentions: [Attention] {
    layers.compactMap(\.attention) + (sharedBlock.map { [$0.attention] } ?? [])
  }

  /// Positions whose keys and values are kept after `context` tokens for a layer with this window: all
  /// prepended meta tokens, and the context or as much of it as the next query sees.
  func seen(_ window: Int?, context: Int) -> Int {
    metaTokens.prependedCount + min(context, window.map { $0 + 1 } ?? context)
  }
}

extension Architecture.Attention {
  fileprivate func keyValueSize(seen: Int) -> Int { seen * (keyWidth + valueWidth) }
}
