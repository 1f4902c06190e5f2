import FoundationEssentials
import HymbaFormat
import HymbaModel

extension EdificeFamily {
  /// Edifice does not read a `config.json`; its options are made with ``optionsDocument(of:)``.
  func derived(from architecture: Architecture, type: ElementType?) -> ConfigurationDocument? { nil }

  func folderConfiguration(
    of model: OpenedModel, for layout: String, isThere: Bool, after cast: ModelCast?
  ) throws -> (document: ConfigurationDocument?, notes: [ExportNote]) {
    guard let document = try optionsDocument(of: model) else {
      return (nil, [isThere ? ExportNote.otherOptions : ExportNote.noOptions])
    }
    return (
      document, model.description.configuration == nil ? [ExportNote.derivedOptions] : []
    )
  }

  /// The number of heads is in no tensor's shape. One that was assumed is assumed again.
  func notes(on file: LoneFile, of model: OpenedModel) -> [ExportNote] {
    let found = FolderConfiguration.names.map {
      NeighbouringConfiguration($0, in: file.folder, of: model)
    }
    for case .other(let name) in found { return [ExportNote.otherNeighbour(name)] }
    guard AssumedOption.names(in: model.assumptions).isEmpty, !found.contains(.same),
      let heads = model.architecture?.layers.first?.attention?.heads
    else { return [] }
    return [ExportNote.headsNotInFile(heads)]
  }
}

extension EdificeFamily {
  /// What an exported `.nx` file says of its network, as `{"arch": "hymba", "build_opts": {…}}`: the spec or the
  /// options that the checkpoint came with, or those that follow from the architecture. Nil where the number of heads
  /// was assumed, as a spec would make a fact of that, and where Edifice does not build such a network.
  ///
  /// - Throws: the errors of reading the document, which was read before.
  func spec(of model: OpenedModel) throws -> JSONValue? {
    guard let options = try options(of: model) else { return nil }
    // In a spec of Edifice's own, an option that is left out has its default.
    if let given = try given(model), given["build_opts"] != nil, describes(given, model) {
      return given
    }
    return .object(["arch": .string("hymba"), "build_opts": options])
  }

  /// The same as a `build_opts.json`; verbatim where the checkpoint came with one that says all.
  func optionsDocument(of model: OpenedModel) throws -> ConfigurationDocument? {
    guard let options = try options(of: model) else { return nil }
    if let document = model.description.configuration, try given(model) == options {
      return ConfigurationDocument(origin: Self.fileName, text: document.text)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return ConfigurationDocument(
      origin: Self.fileName, text: String(decoding: try encoder.encode(options), as: UTF8.self) + "\n")
  }

  /// The plain options, the number of heads among them: beside a checkpoint its absence is read as not known.
  private func options(of model: OpenedModel) throws -> JSONValue? {
    guard AssumedOption.names(in: model.assumptions).isEmpty, let architecture = model.architecture
    else { return nil }
    if let given = try given(model), case .object(var options) = given["build_opts"] ?? given {
      if options["num_heads"] ?? .null == .null {
        options["num_heads"] = (architecture.layers.first?.attention?.heads).map(JSONValue.integer)
      }
      if describes(.object(options), model) { return .object(options) }
    }
    return self.options(of: architecture).map { .object($0.mapValues(JSONValue.integer)) }
  }

  /// What the checkpoint came with, if it is Edifice's.
  private func given(_ model: OpenedModel) throws -> JSONValue? {
    guard let document = model.description.configuration else { return nil }
    let value = try JSONValue(parsing: Array(document.text.utf8), .python)
    return recognises(value) ? value : nil
  }

  private func describes(_ document: JSONValue, _ model: OpenedModel) -> Bool {
    (try? architecture(Self.options(document), origin: Self.fileName)) == model.architecture
  }

  /// The options from which Edifice builds this architecture, the size of the input under all of its names;
  /// nil when it cannot.
  func options(of architecture: Architecture) -> [String: Int]? {
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
    for name in Self.embedKeys { values[name] = size }
    return values
  }
}
