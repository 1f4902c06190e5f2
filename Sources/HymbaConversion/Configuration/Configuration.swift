package import HymbaFormat
public import HymbaModel

/// A configuration that was read, with the family that it belongs to.
struct Configuration: Sendable {
  let document: ConfigurationDocument
  /// The path of the file; nil for a configuration inside a checkpoint.
  private(set) var path: String?
  let content: any FamilyConfiguration
  /// Notes about the document, one sentence each: keys that are given twice, and options that are not known
  /// here.
  let notes: [String]
  /// The notes that say that a value is given more than once.
  let repetitions: [String]

  /// - Throws: ``ConversionError`` or `ModelError` for a document that is no configuration known here, or that
  ///   has an impossible value; `FormatError` for text that is not JSON.
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
    self.notes = repetitions + content.notes
    self.repetitions = repetitions
  }

  /// A configuration that was read already.
  init(_ document: ConfigurationDocument, _ content: any FamilyConfiguration) {
    self.document = document
    self.content = content
    self.notes = content.notes
    self.repetitions = []
  }

  /// A phrase for the `config.json` of a model that is not known here; nil for a document that is no
  /// `config.json`.
  private static func otherModel(_ value: JSONValue) -> String? {
    guard value["model_type"] != nil || value["hidden_size"] != nil else { return nil }
    let type = value["model_type"].map { " (\($0.summary))" } ?? ""
    return "another model\(type) than \(Families.releases)"
  }

  /// A phrase for the model that the `config.json` beside a checkpoint describes; nil where that model is known
  /// here, and where there is no readable `config.json`.
  static func otherModel(beside location: String) -> String? {
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    guard
      let text = try? InputFile.contents(
        of: FileSystem.path(folder, "config.json"), limit: Limits.configurationBytes),
      let value = try? ForeignDocument(parsing: text).value
    else { return nil }
    return Families.huggingFace.contains { $0.recognises(value) } ? nil : otherModel(value)
  }

  /// The family of a configuration: of the one at `path`, or without a path of the first one beside a checkpoint
  /// that can be read; nil where there is none.
  static func family(_ path: String?, beside location: String) -> (any Family)? {
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    let paths = path.map { [$0] } ?? Families.configurationFiles.map { FileSystem.path(folder, $0) }
    return paths.lazy.compactMap { try? Configuration(reading: $0).family }.first
  }

  /// Reads the file at `path`.
  /// - Throws: `FileDiagnosis` with the path, for a file that cannot be read or is no configuration.
  init(reading path: String) throws {
    self = try naming(path) {
      let bytes = try InputFile.document(path, limit: Limits.configurationBytes)
      let isFile = path != StandardInput.path
      do {
        _ = try ForeignDocument(parsing: bytes)
      } catch {
        guard isFile, let other = try Self.otherFile(path) else { throw error }
        throw ConversionError.configurationUnknown("this is \(other)")
      }
      var configuration = try Configuration(
        ConfigurationDocument(
          origin: isFile ? FileSystem.name(of: path) : StandardInput.name, text: String(decoding: bytes, as: UTF8.self)))
      configuration.path = path
      return configuration
    }
  }

  /// A phrase for a file that does not begin like JSON, such as a web page or a Git LFS pointer; nil for a file
  /// that does, and for a file of white space.
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

  /// The name that a message gives the document when it also names `other`: the path where both have the same
  /// name.
  func name(beside other: Configuration) -> String {
    document.origin == other.document.origin ? (path ?? document.origin).printable : document.origin
  }

  /// The architecture that the configuration describes.
  /// - Parameter hasHead: Whether a Hugging Face checkpoint has an output head; nil where its tensors do not
  ///   tell.
  /// - Throws: ``ConversionError`` and `ModelError` for values that no model can have.
  func architecture(hasHead: Bool? = nil) throws -> Architecture {
    try noting(repetitions) { try content.architecture(hasHead: hasHead) }
  }
}

/// The architecture that a configuration file describes.
///
/// The file holds Edifice's build options, a `config.json` of one of the Hugging Face models, or an
/// `Architecture`.
/// - Throws: `FileDiagnosis` with the path, for a file that cannot be read, is no configuration known here, or
///   has a value that no model can have.
public func readArchitecture(configuration path: String) throws -> Architecture {
  try readConfiguration(path).architecture
}

/// The family of the configuration at `path`.
/// - Throws: The same errors as ``readArchitecture(configuration:)``.
package func configurationFamily(_ path: String) throws -> ConfigurationFamily {
  ConfigurationFamily(try Configuration(reading: path).family)
}

/// The architecture that a configuration file describes, the document itself, and notes about it.
///
/// The notes are one sentence each. They name options that are given twice, options that are not known here,
/// and options that have their defaults.
/// - Throws: The same errors as ``readArchitecture(configuration:)``.
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
