import HymbaCheckpoints
import HymbaFormat
import HymbaText

extension OpenedModel {
  /// The tokenizer that the keys of a GGUF file describe, of the file that the model is or came from; nil where there is
  /// none.
  /// - Throws: `GGUFError`, `TokenizerError`, and the errors of reading the file.
  var tokenizerOfGGUF: Tokenizer? {
    get throws {
      guard let keys = try ggufKeys, let vocabulary = try LlamaCppVocabulary(keys) else { return nil }
      return try Tokenizer(vocabulary)
    }
  }

  /// The ids at the two ends of a text by the keys of a GGUF file.
  /// - Parameter tokenizer: The tokenizer that knows the tokens that end a text by their names; nil for none.
  /// - Throws: `GGUFError`, and the errors of reading the file.
  func marksOfGGUF(_ tokenizer: Tokenizer?) throws -> SequenceMarks? {
    guard let keys = try ggufKeys else { return nil }
    func id(_ name: String) throws -> Int? { try keys.unsigned(LlamaCppVocabulary.key("\(name)_token_id")) }
    var ends: [Int] = []
    for end in try ["eos", "eot", "eom"].compactMap(id) + (tokenizer?.endsByName ?? []) where !ends.contains(end) {
      ends.append(end)
    }
    return SequenceMarks(beginning: try id("bos"), ends: ends)
  }
}

extension LlamaCppVocabulary {
  fileprivate static func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }

  /// The most tokens of a vocabulary. Released ones have some hundred thousand.
  private static let mostTokens = 1 << 22

  /// - Returns: Nil for a file without a tokenizer.
  init?(_ keys: GGUFKeys) throws {
    guard let model = try keys.string(Self.key("model")) else { return nil }
    func mark(_ name: String) throws -> Mark {
      Mark(
        id: try keys.unsigned(Self.key("\(name)_token_id")), isAdded: try keys.bool(Self.key("add_\(name)_token")))
    }
    self.init(
      model: model, preTokenizer: try keys.string(Self.key("pre")),
      tokens: try keys.strings(Self.key("tokens"), limit: Self.mostTokens) ?? [],
      kinds: try keys.integers(Self.key("token_type"), limit: Self.mostTokens),
      scores: try keys.floats(Self.key("scores"), limit: Self.mostTokens),
      merges: try keys.strings(Self.key("merges"), limit: Self.mostTokens),
      prefixesSpace: try keys.bool(Self.key("add_space_prefix")), beginning: try mark("bos"), end: try mark("eos"))
  }
}
