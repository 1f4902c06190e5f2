extension Architecture {
  /// Names of the sizes that all layers share: ``sizes(layer:)`` gives them without a layer, `embed` or
  /// `vocabulary` by the kind of input.
  package static let modelSizeNames: Set = ["hidden", "embed", "vocabulary", "layers", "meta"]

  /// Names of the sizes that only a layer has, each where the layer has that part.
  package static let layerSizeNames: Set = [
    "heads", "key_value_heads", "key_head_size", "value_head_size", "query", "key", "value",
    "normed_heads", "inner", "mamba_heads", "mamba_head_size", "state", "rank", "width",
    "intermediate", "experts",
  ]

  /// The sizes of one layer by the names that layouts use for them; without a layer, those that all layers
  /// share.
  package func sizes(layer index: Int?) -> [String: Int] {
    var sizes = [
      "hidden": hiddenSize, inputSizeName: input.size, "layers": layers.count,
      "meta": max(metaTokens.keyValueCount, metaTokens.prependedCount),
    ]
    guard let index, layers.indices.contains(index) else { return sizes }
    for (_, component) in layers[index].components {
      sizes.merge(component.sizes) { _, new in new }
    }
    return sizes
  }

  private var inputSizeName: String {
    switch input {
    case .features: "embed"
    case .tokens: "vocabulary"
    }
  }
}

extension Architecture.Input {
  /// Width of one input position before any projection, or the number of tokens.
  public var size: Int {
    switch self {
    case .features(let size): size
    case .tokens(let size): size
    }
  }
}
