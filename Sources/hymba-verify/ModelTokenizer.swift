import HymbaConversion
import HymbaFormat
import HymbaText

/// A tokenizer with what else a model's files say of its texts.
struct ModelTokenizer: Sendable {
  let tokenizer: Tokenizer
  /// The tokens that end a text.
  let endTokens: Set<Int>
  let hasChatTemplate: Bool

  init(at path: String) throws {
    let file = FileSystem.isDirectory(path) ? FileSystem.path(path, "tokenizer.json") : path
    self.tokenizer = try naming(file) {
      try Tokenizer(json: InputFile.document(file, limit: Limits.safetensorsHeaderBytes))
    }
    self.endTokens = []
    self.hasChatTemplate = false
  }
}

extension OpenedModel {
  func tokenizer() throws -> ModelTokenizer? {
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    let file = FileSystem.path(folder, "tokenizer.json")
    return FileSystem.exists(file) ? try ModelTokenizer(at: file) : nil
  }
}
