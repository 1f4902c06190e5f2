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
  /// What a reader should know of the document, each a sentence: values that count otherwise than they look, and
  /// options that nothing here knows.
  let notes: [String]
  /// Which of the notes say that a value is given twice.
  let repetitions: [String]

  /// - Throws: ``ConversionError`` or ``ModelError`` for a document that is none of the kinds known here or
  ///   has a value that cannot be.
  init(_ document: ConfigurationDocument) throws {
    let text = Array(document.text.utf8)
    let foreign = try ForeignDocument(parsing: text)
    let repetitions = foreign.notes.map { "in \(document.origin), \($0)" }
    let (content, note) = try noting(repetitions) {
      try Self.read(foreign.value, text, origin: document.origin)
    }
    self.document = document
    self.content = content
    self.notes = repetitions + (note.map { [$0] } ?? [])
    self.repetitions = repetitions
  }

  /// The content of a document, and what to say of options that nothing here knows.
  private static func read(
    _ value: JSONValue, _ text: [UInt8], origin: String
  ) throws -> (Content, note: String?) {
    if value["layers"] != nil, value["hiddenSize"] != nil {
      return (.architecture(try Architecture(json: text)), nil)
    } else if EdificeConfiguration.recognises(value) {
      return (
        .edifice(try EdificeConfiguration.options(value)),
        ConfigurationKeys.edifice.note(on: value["build_opts"] ?? value, origin: origin)
      )
    } else if NvidiaConfiguration.recognises(value) {
      let configuration = NvidiaConfiguration(value)
      return (.nvidia(configuration), configuration.values.note(origin: origin))
    } else if JambaConfiguration.recognises(value) {
      let configuration = JambaConfiguration(value)
      return (.jamba(configuration), configuration.values.note(origin: origin))
    } else if ZambaConfiguration.recognises(value) {
      let configuration = ZambaConfiguration(value)
      return (.zamba(configuration), configuration.values.note(origin: origin))
    } else if let other = otherModel(value) {
      throw ConversionError.configurationUnknown("it is a config.json of \(other)")
    } else {
      throw ConversionError.configurationUnknown(
        "expected a config.json of Hymba, Jamba or Zamba, Edifice's build options (embed_dim, hidden_size, …) or an Architecture (hiddenSize, layers, …)"
      )
    }
  }

  /// What model a config.json of none that is known here is of; nil for a text of another kind.
  private static func otherModel(_ value: JSONValue) -> String? {
    guard value["model_type"] != nil || value["hidden_size"] != nil else { return nil }
    let type = value["model_type"].map { " (\($0.summary))" } ?? ""
    return "another model\(type) than Hymba, Jamba and Zamba (version 1)"
  }

  /// What the config.json beside a checkpoint says of it, where that is a model of none that is known here.
  static func otherModel(beside location: String) -> String? {
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    guard
      let text = try? InputFile.contents(
        of: FileSystem.path(folder, "config.json"), limit: Limits.configurationBytes),
      let value = try? ForeignDocument(parsing: text).value
    else { return nil }
    let isKnown =
      NvidiaConfiguration.recognises(value) || JambaConfiguration.recognises(value)
      || ZambaConfiguration.recognises(value)
    return isKnown ? nil : otherModel(value)
  }

  /// Reads the file at `path`.
  init(reading path: String) throws {
    self = try naming(path) {
      let bytes = try InputFile.contents(of: path, limit: Limits.configurationBytes)
      do {
        _ = try ForeignDocument(parsing: bytes)
      } catch {
        guard let other = try Self.otherFile(path) else { throw error }
        throw ConversionError.configurationUnknown("this is \(other)")
      }
      return try Configuration(
        ConfigurationDocument(
          origin: FileSystem.name(of: path), text: String(decoding: bytes, as: UTF8.self)))
    }
  }

  /// What a file is that does not begin as JSON does: what a server answered, a pointer of Git; nil for JSON.
  private static func otherFile(_ path: String) throws(FormatError) -> String? {
    let file = try InputFile(path)
    let prefix = try file.bytes(at: 0, count: min(ForeignFile.prefixBytes, file.byteCount))
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    guard let first = prefix.first(where: { !space.contains($0) }),
      first != UInt8(ascii: "{"), first != UInt8(ascii: "[")
    else { return nil }
    if let kind = ForeignFile.kind(prefix: prefix, path: path) { return kind }
    return try TextFile.kind(file, prefix, wanted: "configuration")
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

  /// - Parameter hasHead: Whether the checkpoint has a head of a Hugging Face model, where its tensors tell.
  func architecture(hasHead: Bool? = nil) throws -> Architecture {
    try noting(repetitions) {
      switch content {
      case .edifice(let options):
        try EdificeConfiguration.architecture(options, origin: document.origin)
      case .nvidia(let configuration): try configuration.architecture(hasHead: hasHead)
      case .jamba(let configuration): try configuration.architecture(hasHead: hasHead)
      case .zamba(let configuration): try configuration.architecture(hasHead: hasHead)
      case .architecture(let architecture): architecture
      }
    }
  }
}

/// The architecture that a configuration file describes: Edifice's build options, a `config.json` of a Hymba,
/// Jamba or Zamba, or an `Architecture`.
public func readArchitecture(configuration path: String) throws -> Architecture {
  try readConfiguration(path).architecture
}

/// The same with the document itself, and what it says that nothing here knows.
public func readConfiguration(
  _ path: String
) throws -> (architecture: Architecture, document: ConfigurationDocument, notes: [String]) {
  let configuration = try Configuration(reading: path)
  return (
    try naming(path) { try configuration.architecture() }, configuration.document,
    configuration.notes
  )
}
