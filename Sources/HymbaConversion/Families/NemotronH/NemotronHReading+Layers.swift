import HymbaFormat

extension NemotronHReading {
  /// The kind of each layer: from the pattern of NVIDIA's class or from the list of transformers. Where both
  /// are given they have to agree.
  ///
  /// - Throws: ``ConversionError/option(_:found:expected:)``.
  func kinds() throws(ConversionError) -> [NemotronLayer] {
    // Version 5 of transformers writes the list and no number of layers.
    let count = values.has("num_hidden_layers") ? try values.size("num_hidden_layers") : nil
    let listed = try values.layerKinds(
      ["layers_block_type", "layer_types"], count: count, NemotronLayer.words)
    let pattern = try pattern(count)
    guard let listed else { return if let pattern { pattern } else { try defaults(count) } }
    guard let pattern else { return listed }
    let name = values.has("layers_block_type") ? "layers_block_type" : "layer_types"
    guard listed.count == pattern.count else {
      throw .option(
        name, found: "a list of \(listed.count)",
        expected: "one type for each of the \(pattern.count) letters of hybrid_override_pattern")
    }
    if let layer = listed.indices.first(where: { listed[$0] != pattern[$0] }) {
      throw .option(
        "\(name) of layer \(layer)", found: "“\(listed[layer].rawValue)”",
        expected: "what hybrid_override_pattern says of it, “\(pattern[layer].rawValue)”")
    }
    return listed
  }

  /// The kinds by `hybrid_override_pattern`; nil where it is absent or null.
  private func pattern(_ count: Int?) throws(ConversionError) -> [NemotronLayer]? {
    let name = "hybrid_override_pattern"
    switch values[name] {
    case nil, .null?: return nil
    case .string(let letters)?:
      if let count, letters.count != count {
        throw .option(
          name, found: "a pattern of \(letters.count)",
          expected: "one letter for each of the \(count) layers of num_hidden_layers")
      }
      var kinds: [NemotronLayer] = []
      for letter in letters {
        guard let kind = NemotronLayer(rawValue: letter) else {
          throw .option(
            "\(name) of layer \(kinds.count)", found: "“\(String(letter).printable)”",
            expected: "“M”, “*”, “-” or “E”")
        }
        kinds.append(kind)
      }
      return kinds
    case let other?:
      throw .option(name, found: other.summary, expected: "a text with one letter for each layer")
    }
  }

  private func defaults(_ count: Int?) throws(ConversionError) -> [NemotronLayer] {
    let layers = NemotronLayer.defaults
    if let count, count != layers.count {
      throw .option(
        "num_hidden_layers", found: "\(count)",
        expected:
          "\(layers.count), the layers of the pattern that stands for an absent hybrid_override_pattern"
      )
    }
    return layers
  }
}
