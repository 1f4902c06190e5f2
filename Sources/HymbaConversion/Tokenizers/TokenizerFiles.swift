import HymbaFormat
import HymbaText

/// The files of a tokenizer that lie beside a checkpoint, or that a container keeps.
struct TokenizerFiles {
  let document: TokenizerDocument
  /// `tokenizer_config.json`; null where there is none.
  let configuration: JSONValue
  /// The template of chats in a file of its own; nil where there is none.
  let template: String?

  static let documentName = "tokenizer.json"

  /// - Returns: Nil for a checkpoint without a `tokenizer.json`.
  /// - Throws: The errors of reading the files, `FormatError.json` for one that is no JSON, and `TokenizerError`.
  init?(of model: OpenedModel) throws {
    func contents(_ name: String) throws -> [UInt8]? {
      if let attached = model.attached {
        guard attached.fileNames.contains(name) else { return nil }
        return try attached.bytes(of: .file(name))
      }
      let folder = CompanionFiles.folder(of: model.location) ?? FileSystem.folder(of: model.location)
      guard let path = try CompanionFiles(in: folder).path(of: name) else { return nil }
      return try naming(path) { try InputFile.contents(of: path, limit: Limits.attachedFileBytes) }
    }
    guard let text = try contents(Self.documentName) else { return nil }
    self.document = try TokenizerDocument(text)
    self.configuration = try contents("tokenizer_config.json").map { try JSONValue(parsing: $0, .python) } ?? .null
    self.template = try contents("chat_template.jinja").map { String(decoding: $0, as: UTF8.self) }
  }
}
