package import HymbaFormat
public import HymbaModel

/// A configuration that was read: what it says, and of which family it is.
struct Configuration: Sendable {
  let document: ConfigurationDocument
  /// The path of the file; nil for what a checkpoint holds itself.
  private(set) var path: String?
  let content: any FamilyConfiguration
  /// What a reader should know of the document, each a sentence: values that count otherwise than they look, and
  /// options that nothing here knows.
  let notes: [String]
  /// Which of the notes say that a value is given twice.
  let repetitions: [String]

  /// - Throws: ``ConversionError`` or `ModelError` for a document that is none of the kinds known here or
  ///   has a value that cannot be.
  init(_ document: ConfigurationDocument) throws {
    let text = Array(document.text.utf8)
    let foreign = try ForeignDocument(parsing: text)
    let repetitions = foreign.notes.map { "in \(document.origin), \($0)" }
    let content = try noting(repetitions) {
      guard let family = Families.family(of: foreign.value) else {
        throw ConversionError.configurationUnknown(
          Self.otherModel(foreign.value).map { "it is a config.json of \($0)" }
            ?? "expected \(Families.configurations)")
      }
      return try family.read(foreign.value, text: text, origin: document.origin)
    }
    self.document = document
    self.content = content
    self.notes = repetitions + (content.note.map { [$0] } ?? [])
    self.repetitions = repetitions
  }

  /// What model a config.json of none that is known here is of; nil for a text of another kind.
  private static func otherModel(_ value: JSONValue) -> String? {
    guard value["model_type"] != nil || value["hidden_size"] != nil else { return nil }
    let type = value["model_type"].map { " (\($0.summary))" } ?? ""
    return "another model\(type) than \(Families.releases)"
  }

  /// What the config.json beside a checkpoint says of it, where that is a model of none that is known here.
  static func otherModel(beside location: String) -> String? {
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    guard
      let text = try? InputFile.contents(
        of: FileSystem.path(folder, "config.json"), limit: Limits.configurationBytes),
      let value = try? ForeignDocument(parsing: text).value
    else { return nil }
    return Families.huggingFace.contains { $0.recognises(value) } ? nil : otherModel(value)
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
      var configuration = try Configuration(
        ConfigurationDocument(
          origin: FileSystem.name(of: path), text: String(decoding: bytes, as: UTF8.self)))
      configuration.path = path
      return configuration
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

  var family: any Family { content.family }

  /// The name of the document beside that of another: the path where the names are the same.
  func name(beside other: Configuration) -> String {
    document.origin == other.document.origin ? (path ?? document.origin).printable : document.origin
  }

  /// - Parameter hasHead: Whether the checkpoint has a head of a Hugging Face model, where its tensors tell.
  func architecture(hasHead: Bool? = nil) throws -> Architecture {
    try noting(repetitions) { try content.architecture(hasHead: hasHead) }
  }
}

/// The architecture that a configuration file describes: Edifice's build options, a `config.json` of a Hymba,
/// Jamba or Zamba, or an `Architecture`.
public func readArchitecture(configuration path: String) throws -> Architecture {
  try readConfiguration(path).architecture
}

/// The same with the document itself, what it says that nothing here knows, and what it leaves to
/// defaults.
package func readConfiguration(
  _ path: String
) throws -> (architecture: Architecture, document: ConfigurationDocument, notes: [String]) {
  let configuration = try Configuration(reading: path)
  let defaults = (configuration.content as? WholeOptions)?.defaultsNote
  return (
    try naming(path) { try configuration.architecture() }, configuration.document,
    configuration.notes + (defaults.map { [$0] } ?? [])
  )
}
