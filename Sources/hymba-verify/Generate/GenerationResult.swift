import HymbaModel

/// What a model continued a prompt with, for programs.
struct GenerationResult: Encodable {
  /// The checkpoint as the user named it.
  var source: String
  /// The ids of the prompt.
  var prompt: [Int]
  /// The ids of the answer.
  var tokens: [Int] = []
  /// The answer; null without a tokenizer.
  var text: String?
  /// Why the answer ends.
  var end = End.count
  /// Tokens of the prompt for each second that the model took for it.
  var promptTokensPerSecond = 0.0
  /// Steps for each second from the end of the prompt to the last token. The first token takes none, as it follows from
  /// the prompt; an answer of one token counts as one step.
  var tokensPerSecond = 0.0

  enum End: String, Encodable {
    /// As many tokens as were asked for are there.
    case count
    /// The model ended the text.
    case endOfText
    /// A text of `--stop` came.
    case stop
    case interrupted
  }

  private enum Key: String, CodingKey {
    case source, prompt, tokens, text, end, promptTokensPerSecond, tokensPerSecond
  }

  /// Encodes every key. A text that does not exist becomes null.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(source, forKey: .source)
    try container.encode(prompt, forKey: .prompt)
    try container.encode(tokens, forKey: .tokens)
    try container.encode(text, forKey: .text)
    try container.encode(end, forKey: .end)
    try container.encode(promptTokensPerSecond, forKey: .promptTokensPerSecond)
    try container.encode(tokensPerSecond, forKey: .tokensPerSecond)
  }
}
