import HymbaFormat
import HymbaText

/// What is wrong with the `tokenizer.json` of a model.
package enum TokenizerProblem {
  /// It cannot be read at all: a sentence.
  case unreadable(String)
  /// It is well formed, and its ids are not made here: a sentence.
  case unsupported(String)
  /// Its largest id, which the model does not have.
  case beyondVocabulary(Int)

  /// - Parameters:
  ///   - path: The path of the file.
  ///   - rows: The size of the model's vocabulary; nil where it is not known.
  /// - Returns: Nil where nothing is wrong.
  package init?(ofFileAt path: String, rows: Int?) {
    do {
      let tokenizer = try Tokenizer(json: InputFile.contents(of: path, limit: Limits.tokenizerBytes))
      guard let rows, tokenizer.idBound > rows else { return nil }
      self = .beyondVocabulary(tokenizer.idBound - 1)
    } catch let error as TokenizerError {
      switch error {
      case .unknownKind, .unsupported: self = .unsupported("\(error)")
      default: self = .unreadable("\(error)")
      }
    } catch { self = .unreadable("\(error)") }
  }
}
