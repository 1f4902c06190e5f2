extension Architecture {
  /// The number of values that decoding keeps for one sequence.
  public struct CacheSize: Hashable, Sendable {
    /// The keys and values of all layers that compute their own.
    public var keyValues: Int
    /// The convolution and scan states. Their number is the same for every length.
    public var states: Int
  }

  /// The number of values that decoding keeps after `context` tokens.
  ///
  /// A layer that computes its own keys and values keeps keyWidth + valueWidth values for each position that
  /// it, or a layer that shares them, can still see. These are all meta tokens, and either the whole context
  /// or the positions within the widest window and the current one. Each application of the shared block
  /// keeps its own keys and values too: only its weights are shared. Each Mamba branch keeps the states of
  /// its convolution and its scan.
  ///
  /// - Parameter context: Tokens of the sequence, without meta tokens.
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

  /// How far back the keys and values of each layer are used, by the layer itself and by later layers that
  /// share them. The dictionary has one entry for each layer that computes keys and values, its own or those
  /// of the shared block; nil stands for no limit.
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

  /// The number of key and value elements that each further token adds, once the context is beyond every
  /// window.
  public var keyValuesPerToken: Int {
    let beyond = (keyValueWindows.values.compactMap { $0 }.max() ?? 0) + 1
    return cacheSize(context: beyond + 1).keyValues - cacheSize(context: beyond).keyValues
  }

  /// The number of positions whose keys and values a layer with this window keeps after `context` tokens: all
  /// prepended meta tokens, and as much of the context as the next query can see.
  ///
  /// - Parameter window: How far back the layer sees; nil for no limit.
  func seen(_ window: Int?, context: Int) -> Int {
    metaTokens.prependedCount + min(context, window.map { $0 + 1 } ?? context)
  }
}
