import HymbaFormat
import HymbaModel

extension EdificeConfiguration {
  /// What an exported `.nx` file says of its network, as `{"arch": "hymba", "build_opts": {…}}`.
  ///
  /// The spec or the options that the checkpoint came with; options that follow from the architecture for a
  /// checkpoint under our own names. Nil for any other that came without: its number of heads was assumed, and
  /// a spec would make a fact of that.
  ///
  /// - Throws: the errors of reading the document, which was read before.
  static func spec(of model: OpenedModel) throws -> JSONValue? {
    if let document = model.description.configuration {
      let value = try JSONValue(parsing: Array(document.text.utf8), .python)
      if value["build_opts"] != nil { return value }
      if recognises(value) { return spec(options: value) }
    } else if model.layout.name != "hymba" {
      return nil
    }
    return model.architecture.flatMap(buildOptions).map { options in
      spec(options: .object(options.mapValues(JSONValue.integer)))
    }
  }

  private static func spec(options: JSONValue) -> JSONValue {
    .object(["arch": .string("hymba"), "build_opts": options])
  }

  /// The options from which Edifice builds this architecture, the size of the input under all of its names;
  /// nil when it cannot.
  static func buildOptions(_ architecture: Architecture) -> [String: Int]? {
    guard case .features(let size) = architecture.input, let layer = architecture.layers.first,
      let attention = layer.attention, let mamba = layer.mamba
    else { return nil }
    let options = HymbaBuildOptions(
      embedDim: size, hiddenSize: architecture.hiddenSize, stateSize: mamba.stateSize,
      numLayers: architecture.layers.count, numHeads: attention.heads,
      numMetaTokens: architecture.metaTokens.keyValueCount)
    guard (try? Architecture.hymba(options)) == architecture else { return nil }
    var values = [
      "hidden_size": options.hiddenSize, "state_size": options.stateSize,
      "num_layers": options.numLayers, "num_heads": options.numHeads,
      "num_meta_tokens": options.numMetaTokens,
    ]
    for name in embedKeys { values[name] = size }
    return values
  }
}
