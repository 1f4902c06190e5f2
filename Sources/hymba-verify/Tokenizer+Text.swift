import HymbaText

extension Tokenizer {
  /// The text that a token adds to those before it. It may be empty, as that of a token that ends a text.
  ///
  /// - Parameter before: The ids before it. A token's text depends on them: a space at the beginning of a text is
  ///   left out, and a character may be divided among several tokens.
  func text(of token: Int, after before: [Int]) -> String {
    let last = Array(before.suffix(Self.enoughIDs))
    let (without, with) = (decode(last, skipSpecialTokens: false), decode(last + [token], skipSpecialTokens: false))
    return with.unicodeScalars.starts(with: without.unicodeScalars)
      ? String(with.unicodeScalars.dropFirst(without.unicodeScalars.count))
      : decode([token], skipSpecialTokens: false)
  }

  /// A character has at most four bytes, so that more tokens before it change nothing.
  private static let enoughIDs = 4
}
