import FoundationEssentials
import HymbaFormat
import HymbaModel

extension EdificeFamily {
  /// Always nil. Edifice reads no `config.json`; ``optionsDocument(of:)`` makes its `build_opts.json`.
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

  /// Notes about the number of heads, which no tensor's shape tells. None is needed where the number was
  /// assumed, as a reader will assume it again, or where the configuration of this model lies beside the file.
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
  /// The spec that an exported `.nx` file holds: `{"arch": "hymba", "build_opts": {…}}`.
  ///
  /// It is the spec or the options that the checkpoint came with, or options made from the architecture.
  /// - Returns: Nil where the number of heads was assumed, as a spec would state it as a fact; and where
  ///   Edifice does not build such a network.
  /// - Throws: The errors of reading the configuration that the checkpoint came with.
  func spec(of model: OpenedModel) throws -> JSONValue? {
    guard let options = try options(of: model) else { return nil }
    // In a spec that Edifice wrote, an option that is left out has its default.
    if let given = try given(model), given["build_opts"] != nil, describes(given, model) {
      return given
    }
    return .object(["arch": .string("hymba"), "build_opts": options])
  }

  /// The options of ``spec(of:)`` as a `build_opts.json`; nil where that is nil. The document that the
  /// checkpoint came with is kept verbatim where it holds exactly these options.
  /// - Throws: The errors of reading the configuration that the checkpoint came with.
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

  /// The build options, always with the number of heads: a document beside a checkpoint that leaves it out is
  /// read as not knowing it.
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

  /// The configuration that the checkpoint came with; nil where it is not Edifice's.
  private func given(_ model: OpenedModel) throws -> JSONValue? {
    guard let document = model.description.configuration else { return nil }
    let value = try JSONValue(parsing: Array(document.text.utf8), .python)
    return recognises(value) ? value : nil
  }

  private func describes(_ document: JSONValue, _ model: OpenedModel) -> Bool {
    (try? architecture(Self.options(document), origin: Self.fileName)) == model.architecture
  }

  /// The options from which Edifice builds this architecture; nil where Edifice cannot build it. The size of
  /// the input is there under all of its names.
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
