import HymbaConversion
import HymbaFormat
import HymbaTerminal
import HymbaText

/// What a user should know of the ids that a model is given, a clause each.
struct PromptNotes {
  private(set) var lines: [String] = []

  /// - Parameters:
  ///   - name: The option that gives the ids.
  ///   - count: The number of ids that the model reads in a row.
  ///   - answer: The most tokens that follow them.
  init(_ name: String, count: Int, answer: Int, for model: OpenedModel) {
    guard let longest = model.longestSequence else { return }
    let most = "and the model was made for at most \(longest.length) (\(longest.key.printable))"
    if count > longest.length {
      lines.append("\(name): \(count) tokens are in a row, \(most)")
    } else if count + answer - 1 > longest.length {
      // The last token of an answer is not read.
      lines.append("--count: \(String.counted(count, "token")) and up to \(answer) behind are in a row, \(most)")
    }
  }

  /// Adds what is to be said of a text.
  mutating func add(_ text: EncodedText, _ tokenizer: ModelTokenizer, of source: String) {
    if text.leftOut > 0 {
      let (are, have) = text.leftOut == 1 ? ("is", "has") : ("are", "have")
      lines.append(
        "--text: \(String.counted(text.leftOut, tokenizer.tokenizer.isOfBytes ? "byte" : "character")) of the text \(have) no token and \(are) left out")
    }
    if tokenizer.hasChatTemplate {
      lines.append("\(source.printable): its chat template is not rendered: write the text as the template would")
    }
  }
}
