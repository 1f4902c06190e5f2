/// A tokenizer as the keys of a GGUF file describe it.
package struct LlamaCppVocabulary: Sendable {
  /// The value of `tokenizer.ggml.model`: `gpt2` for letters that stand for bytes, `llama` for SentencePiece's pairs.
  package var model: String
  /// The value of `tokenizer.ggml.pre`; nil where there is none.
  package var preTokenizer: String?
  /// The tokens by their ids.
  package var tokens: [String]
  /// A kind for each token, see ``Kind``; nil where there is no such key. Then all are ordinary ones.
  package var kinds: [Int]?
  /// A score for each token; nil where there is no such key.
  package var scores: [Float]?
  /// Pairs with a space between, those that are joined first at the beginning; nil where there is no such key.
  package var merges: [String]?
  /// Whether a space is put before a text; nil where there is no such key.
  package var prefixesSpace: Bool?
  package var (beginning, end): (Mark, Mark)

  /// An id at an end of a text, and whether it is put there; nil where there is no such key.
  package struct Mark: Sendable {
    package let id: Int?
    package let isAdded: Bool?

    package init(id: Int?, isAdded: Bool?) { (self.id, self.isAdded) = (id, isAdded) }
  }

  /// The kinds of tokens that matter, by their numbers.
  package enum Kind: Int, Sendable {
    case normal = 1, unknown = 2, control = 3, userDefined = 4, unused = 5, byte = 6
  }

  package init(
    model: String, preTokenizer: String?, tokens: [String], kinds: [Int]?, scores: [Float]?, merges: [String]?,
    prefixesSpace: Bool?, beginning: Mark, end: Mark
  ) {
    (self.model, self.preTokenizer, self.tokens, self.kinds) = (model, preTokenizer, tokens, kinds)
    (self.scores, self.merges, self.prefixesSpace) = (scores, merges, prefixesSpace)
    (self.beginning, self.end) = (beginning, end)
  }
}
