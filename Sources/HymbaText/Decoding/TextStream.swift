/// Text from ids that come one by one. What is returned, put together, is the text of all ids.
///
/// The beginning of a character whose other bytes are to come is held back, so that what is returned can be shown.
/// A row of tokens for single bytes is held back as a whole, because one wrong byte makes each of them U+FFFD.
public struct TextStream {
  private let tokenizer: Tokenizer
  private let skipSpecialTokens: Bool
  /// The steps up to the one that makes one token of all.
  private var steps: [RunningStep]
  private var ending: Ending
  private var isFirst = true

  init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.skipSpecialTokens = skipSpecialTokens
    let joining = tokenizer.decoders.firstIndex(where: \.joins)
    steps = tokenizer.decoders[..<(joining ?? tokenizer.decoders.endIndex)].map(RunningStep.init)
    ending = Ending(tokenizer.decoders[(joining ?? tokenizer.decoders.endIndex)...])
  }

  /// Takes the next id.
  /// - Returns: The text that is complete by it; empty for an id that no token has.
  public mutating func append(_ id: Int) -> String {
    guard let token = tokenizer.token(for: id) else { return "" }
    if skipSpecialTokens, tokenizer.specialIDs.contains(id) { return "" }
    defer { isFirst = false }
    // Without a decoder the tokens are put side by side with spaces, as in the package.
    guard !tokenizer.decoders.isEmpty else { return isFirst ? token : " " + token }
    return pass([token], from: 0)
  }

  /// Ends the text.
  /// - Returns: What was held back. Bytes that never became a character are U+FFFD.
  public mutating func finish() -> String {
    var text = ""
    for index in steps.indices {
      let tokens = steps[index].finish()
      text += pass(tokens, from: index + 1)
    }
    return text + ending.finish()
  }

  /// Gives tokens to the steps from one on.
  private mutating func pass(_ tokens: [String], from first: Int) -> String {
    var tokens = tokens
    for index in steps.indices.dropFirst(first) {
      tokens = tokens.flatMap { steps[index].take($0) }
    }
    return tokens.reduce(into: "") { $0 += ending.take($1) }
  }
}
