import HymbaCheckpoints
import HymbaFormat
public import HymbaText

extension OpenedModel {
  /// The tokenizer that came with the model: the `tokenizer.json` that a container keeps inside, or the one beside the
  /// checkpoint, or else the one inside the GGUF file that the model is or came from.
  ///
  /// - Throws: `FileDiagnosis` with the file, and with `TokenizerError`, `GGUFError` or `FormatError`:
  ///   `TokenizerError.notFound(_:)` where there is none.
  public func tokenizer() throws -> Tokenizer {
    guard let file = try companionFile("tokenizer.json") else {
      if let inside = try naming(location, { try tokenizerOfGGUF }) { return inside }
      throw FileDiagnosis(
        location,
        TokenizerError.notFound(attached == nil ? "beside the checkpoint" : "kept inside the container or beside it"))
    }
    return try naming(file.location) { try Tokenizer(json: file.contents) }
  }

  /// The ids at which a text of the model begins and ends, as the files beside it say, or those that a container keeps.
  ///
  /// - Parameter tokenizer: The tokenizer of the model; nil for none. Then marks that are named by their text are not known.
  /// - Throws: `FileDiagnosis` with the file, and with `TokenizerError` or `FormatError`.
  public func sequenceMarks(_ tokenizer: Tokenizer?) throws -> SequenceMarks {
    func document(_ name: String) throws -> JSONValue? {
      guard let file = try companionFile(name) else { return nil }
      return try naming(file.location) { try ForeignDocument(parsing: file.contents).value }
    }
    return try naming(location) {
      let marks = try SequenceMarks(
        generation: document("generation_config.json"), configuration: configurationValue,
        tokenizer: document("tokenizer_config.json"), tokenizer)
      guard let inside = try marksOfGGUF(tokenizer) else { return marks }
      return SequenceMarks(
        beginning: marks.beginning ?? inside.beginning, ends: marks.ends.isEmpty ? inside.ends : marks.ends)
    }
  }

  /// Whether the model's files hold a template of chats: a program that puts a conversation into the text that the model
  /// expects.
  ///
  /// - Throws: `FileDiagnosis` with the file, and with `FormatError`.
  package func hasChatTemplate() throws -> Bool {
    if try naming(location, { try ggufKeys?.string("tokenizer.chat_template") }) != nil { return true }
    return try Self.hasChatTemplate(companionFile)
  }

  /// Whether the files of a tokenizer in a folder hold a template of chats.
  ///
  /// - Parameter folder: The folder of a `tokenizer.json`.
  /// - Throws: As ``hasChatTemplate()``.
  package static func hasChatTemplate(in folder: String) throws -> Bool {
    try hasChatTemplate { try file($0, in: folder) }
  }

  private static func hasChatTemplate(_ file: (String) throws -> (location: String, contents: [UInt8])?) throws -> Bool {
    if try file("chat_template.jinja") != nil { return true }
    guard let file = try file("tokenizer_config.json") else { return false }
    let document = try naming(file.location) { try ForeignDocument(parsing: file.contents).value }
    return document["chat_template"].map { $0 != .null } ?? false
  }

  /// A file that came with the model, and where it is; nil when there is none of this name.
  private func companionFile(_ name: String) throws -> (location: String, contents: [UInt8])? {
    if let attached {
      let attachment = AttachmentName.file(name)
      if let contents = try naming(location, { try attached.bytes(of: attachment) }) {
        return ("\(location): \(attachment)", contents)
      }
    }
    return try Self.file(name, in: FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location))
  }

  private static func file(_ name: String, in folder: String) throws -> (location: String, contents: [UInt8])? {
    let path = FileSystem.path(folder, name)
    guard FileSystem.exists(path), !FileSystem.isDirectory(path) else { return nil }
    return (path, try naming(path) { try InputFile.contents(of: path, limit: Limits.attachedFileBytes) })
  }

  /// The configuration of the original; nil where none is known, or where it is no JSON.
  var configurationValue: JSONValue? {
    description.configuration.flatMap { try? JSONValue(parsing: Array($0.text.utf8), .python) }
  }

  /// The longest sequence that the model was made for, and the key that says so; nil where none does.
  package var longestSequence: (key: String, length: Int)? {
    guard case .object(let members)? = configurationValue else { return nil }
    let key = "max_position_embeddings"
    let found = members[key] == nil ? members.keys.filter { $0.hasSuffix(".context_length") }.min() : key
    guard let found, let length = members[found]?.wholeNumber, length > 0 else { return nil }
    return (found, length)
  }

  /// Whether an assumption is only a fact about how the file is read.
  package static func isFact(_ assumption: String) -> Bool { GGUFSource.isFact(assumption) }
}
