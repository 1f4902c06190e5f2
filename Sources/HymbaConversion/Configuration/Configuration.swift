public import HymbaFormat
public import HymbaModel

/// A configuration that was read: what it says, and which kind it is.
struct Configuration: Sendable {
  enum Content: Sendable {
    case edifice([String: Int])
    case nvidia(NvidiaConfiguration)
    case jamba(JambaConfiguration)
    case zamba(ZambaConfiguration)
    case architecture(Architecture)
  }

  let document: ConfigurationDocument
  let content: Content
  /// What a reader should know of the document, each a sentence.
  let notes: [String]

  /// - Throws: ``ConversionError`` or ``ModelError`` for a document that is none of the kinds known here or
  ///   has a value that cannot be.
  init(_ document: ConfigurationDocument) throws {
    self.document = document
    let text = Array(document.text.utf8)
    let foreign = try ForeignDocument(parsing: text)
    let value = foreign.value
    self.notes = foreign.notes.map { "in \(document.origin), \($0)" }
    if value["layers"] != nil, value["hiddenSize"] != nil {
      self.content = .architecture(try Architecture(json: text))
    } else if EdificeConfiguration.recognises(value) {
      self.content = .edifice(try EdificeConfiguration.options(value))
    } else if NvidiaConfiguration.recognises(value) {
      self.content = .nvidia(NvidiaConfiguration(value))
    } else if JambaConfiguration.recognises(value) {
      self.content = .jamba(JambaConfiguration(value))
    } else if ZambaConfiguration.recognises(value) {
      self.content = .zamba(ZambaConfiguration(value))
    } else if value["model_type"] != nil || value["hidden_size"] != nil {
      let type = value["model_type"].map { " (\($0.summary))" } ?? ""
      throw ConversionError.configurationUnknown(
        "it is a config.json of another model\(type) than Hymba, Jamba and Zamba (version 1)")
    } else {
      throw ConversionError.configurationUnknown(
        "expected a config.json of Hymba, Jamba or Zamba, Edifice's build options (embed_dim, hidden_size, …) or an Architecture (hiddenSize, layers, …)"
      )
    }
  }

  /// Reads the file at `path`.
  init(reading path: String) throws {
    self = try naming(path) {
      let bytes = try InputFile.contents(of: path, limit: Limits.configurationBytes)
      _ = try ForeignDocument(parsing: bytes)
      return try Configuration(
        ConfigurationDocument(
          origin: FileSystem.name(of: path), text: String(decoding: bytes, as: UTF8.self)))
    }
  }

  var family: ConfigurationFamily {
    switch content {
    case .edifice: .edifice
    case .nvidia: .nvidiaHymba
    case .jamba: .jamba
    case .zamba: .zamba
    case .architecture: .architecture
    }
  }

  func architecture() throws -> Architecture {
    switch content {
    case .edifice(let options):
      try EdificeConfiguration.architecture(options, origin: document.origin)
    case .nvidia(let configuration): try configuration.architecture()
    case .jamba(let configuration): try configuration.architecture()
    case .zamba(let configuration): try configuration.architecture()
    case .architecture(let architecture): architecture
    }
  }
}

/// The architecture that a configuration file describes: Edifice's build options, a `config.json` of a Hymba,
/// Jamba or Zamba, or an `Architecture`.
public func readArchitecture(configuration path: String) throws -> Architecture {
  try readConfiguration(path).architecture
}

/// The same with the document itself.
public func readConfiguration(
  _ path: String
) throws -> (architecture: Architecture, document: ConfigurationDocument) {
  let configuration = try Configuration(reading: path)
  return (try naming(path) { try configuration.architecture() }, configuration.document)
}
