extension Architecture {
  /// The sizes of one layer by the names that layouts use for them; without a layer, those that all layers
  /// share.
  public func sizes(layer index: Int?) -> [String: Int] {
    var sizes = [
      "hidden": hiddenSize, "embed": input.size, "layers": layers.count,
      "meta": max(metaTokens.keyValueCount, metaTokens.prependedCount),
    ]
    guard let index, layers.indices.contains(index) else { return sizes }
    switch layers[index].mixer {
    case .parallel(let attention, let mamba, _):
      sizes["heads"] = attention.heads
      sizes["key_value_heads"] = attention.keyValueHeads
      sizes["key_head_size"] = attention.keyHeadSize
      sizes["value_head_size"] = attention.valueHeadSize
      sizes["query"] = attention.queryWidth
      sizes["key"] = attention.keyWidth
      sizes["value"] = attention.valueWidth
      sizes["inner"] = mamba.innerSize
      sizes["state"] = mamba.stateSize
      sizes["rank"] = mamba.rank
      sizes["width"] = mamba.convWidth
    }
    switch layers[index].feedForward {
    case .gelu(let intermediate): sizes["intermediate"] = intermediate
    }
    return sizes
  }
}

extension Architecture.Input {
  /// Width of one input position before any projection.
  public var size: Int {
    switch self {
    case .features(let size): size
    }
  }
}
