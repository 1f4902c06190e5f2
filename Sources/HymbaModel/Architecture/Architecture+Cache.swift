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
  /// values are not. Each Mamba branch keeps the states of its convolution and its scan.
  public func cacheSize(context: Int) -> CacheSize {
    let states = layers.reduce(0) { sum, layer in
      layer.components.reduce(sum) { $0 + $1.component.stateCount }
    }
    let keyValues = keyValueWindows.reduce(0) { sum, kept in
      guard let keeper = attention(in: layers[kept.key]) else { return sum }
      return sum + keeper.keyValueCount * seen(kept.value, context: context)
    }
    return CacheSize(keyValues: keyValues, states: states)
  }

  /// By the layer that keeps keys and values, its own or those of its use of the shared block: how far back they
  /// are used, by itself and by later layers that share them; nil for all the way.
  var keyValueWindows: [Int: Int?] {
    var windows: [Int: Int?] = [:]
    for (index, layer) in layers.enumerated() {
      guard let attention = attention(in: layer) else { continue }
      let keeper = attention.keyValueLayer ?? index
      let known = windows[keeper] ?? attention.window
      windows[keeper] = .some(
        known.flatMap { width in attention.window.map { max(width, $0) } })
    }
    return windows
  }

  /// What each further token adds to the keys and values once it is beyond every window.
  public var keyValuesPerToken: Int {
    let beyond = (keyValueWindows.values.compactMap { $0 }.max() ?? 0) + 1
    return cacheSize(context: beyond + 1).keyValues - cacheSize(context: beyond).keyValues
  }

  /// Positions whose keys and values are kept after `context` tokens for a layer with this window: all
  /// prepended meta tokens, and the context or as much of it as the next query sees.
  func seen(_ window: Int?, context: Int) -> Int {
    metaTokens.prependedCount + min(context, window.map { $0 + 1 } ?? context)
  }
}
