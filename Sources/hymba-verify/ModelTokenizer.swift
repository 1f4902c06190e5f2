import HymbaConversion
import HymbaFormat
import HymbaText

/// A tokenizer, with what else a model's files say of its texts.
struct ModelTokenizer: Sendable {
  let tokenizer: Tokenizer
  /// The tokens that end a text.
  let endTokens: Set<Int>
  /// Whether the model expects its input in a template of chats.
  let hasChatTemplate: Bool

  /// The tokenizer of a file, or else of the model; nil where there is none.
  ///
  /// - Parameter path: A `tokenizer.json`, or a folder with one; nil for the model's own.
  /// - Throws: `FileDiagnosis` with the file, and the errors of reading it.
  init?(of model: OpenedModel, at path: String?) throws {
    if let path {
      let file = FileSystem.isDirectory(path) ? FileSystem.path(path, "tokenizer.json") : path
      self.tokenizer = try naming(file) {
        try Tokenizer(json: InputFile.contents(of: file, limit: Limits.tokenizerBytes))
      }
    } else {
      do {
        self.tokenizer = try model.tokenizer()
      } catch let error as FileDiagnosis {
        guard case .notFound? = error.cause as? TokenizerError else { throw error }
        return nil
      }
    }
    self.endTokens = Set(try model.sequenceMarks(tokenizer).ends)
    let folder = path.map { FileSystem.isDirectory($0) ? $0 : FileSystem.folder(of: $0) }
    // What lies beside a tokenizer that was named may be of anything.
    let isBeside = folder.flatMap { try? OpenedModel.hasChatTemplate(in: $0) } ?? false
    self.hasChatTemplate = try isBeside || model.hasChatTemplate()
  }
}
