extension Architecture {
  /// The names of the sizes that do not depend on a layer. ``sizes(layer:)`` gives them for every layer and
  /// without one; of `embed` and `vocabulary` it gives the one that fits the input.
  package static let modelSizeNames: Set = [
    "hidden", "embed", "vocabulary", "layers", "meta", "block_intermediate",
  ]

  /// The names of the sizes that belong to one layer. Each is there only if the layer has the part in
  /// question.
  package static let layerSizeNames: Set = [
    "heads", "key_value_heads", "key_head_size", "value_head_size", "query", "key", "value",
    "normed_heads", "inner", "mamba_heads", "mamba_head_size", "state", "rank", "width",
    "intermediate", "experts", "groups", "group_inner", "key_head_pairs", "shared_intermediate", "latent",
  ]

  /// The sizes of a model and one of its layers, by the names that layouts use for them.
  ///
  /// - Parameter index: The layer, counted from 0; nil gives the sizes of the model alone.
  package func sizes(layer index: Int?) -> [String: Int] {
    var sizes = [
      "hidden": hiddenSize, inputSizeName: input.size, "layers": layers.count,
      "meta": max(metaTokens.keyValueCount, metaTokens.prependedCount),
    ]
    sizes["block_intermediate"] = sharedBlock?.feedForward.intermediateSize
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
  /// The width of one input vector before any projection, or the number of tokens in the vocabulary.
  public var size: Int {
    switch self {
    case .features(let size): size
    case .tokens(let size): size
    }
  }
}
