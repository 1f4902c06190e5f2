import HymbaFormat

/// The added tokens of a file, and the search for them in a text.
struct AddedTokens: Sendable {
  private let ids: NameTable<Int>
  private let tokens: [Int: AddedToken]
  /// The tokens that are looked for in the text as it is, one search after another in what the ones before left.
  private let plain: [TokenSearch]
  /// The tokens that are looked for when the text is normalized.
  private let normalized: TokenSearch
  let specialIDs: Set<Int>
  /// The ids that the model itself does not have.
  let idsBeyondModel: Set<Int>

  /// - Parameter longestFirst: Whether the longest tokens are looked for in the whole text before shorter ones, as
  ///   llama.cpp does. Else the search goes through the text once, and at each place the longest token counts.
  /// - Throws: ``TokenizerError`` from normalizing a token, or for one of which nothing is left then.
  init(
    _ list: [AddedToken], _ vocabulary: Vocabulary, _ normalizer: Normalizer?, longestFirst: Bool = false
  ) throws(TokenizerError) {
    var (ids, tokens) = (NameTable<Int>(), [Int: AddedToken]())
    for token in list {
      ids[token.content] = token.id
      tokens[token.id] = token
    }
    (self.ids, self.tokens) = (ids, tokens)
    specialIDs = Set(tokens.values.filter(\.isSpecial).map(\.id))
    idsBeyondModel = Set(tokens.keys.filter { vocabulary.token(for: $0) == nil })
    var (plain, normalized): ([Int: TokenSearch], TokenSearch) = ([:], TokenSearch())
    // Where two tokens are the same when they are normalized, a special one counts before another.
    for token in list.filter(\.isSpecial) + list.filter({ !$0.isSpecial }) {
      var content = Array(token.content.utf8)
      if token.isNormalized, let normalizer { content = try normalizer.normalized(content) }
      guard !content.isEmpty else { throw .unsupported("added token \(token.id)", "is empty when it is normalized") }
      if token.isNormalized {
        normalized.insert(content, token.id)
      } else {
        plain[longestFirst ? content.count : 0, default: TokenSearch()].insert(content, token.id)
      }
    }
    self.plain = plain.sorted { $0.key > $1.key }.map(\.value)
    self.normalized = normalized
  }

  func token(for id: Int) -> String? { tokens[id]?.content }
  func id(of token: String) -> Int? { ids[token] }

  enum Part {
    case token(Int)
    /// A normalized text between added tokens.
    case text(Piece)
  }

  /// The parts of a text, which is UTF-8.
  /// - Throws: ``TokenizerError`` from normalizing.
  func parts(of text: [UInt8], _ normalizer: Normalizer?) throws(TokenizerError) -> [Part] {
    var found: [Part] = [.text(Piece(text: text, isFirst: true))]
    for search in plain {
      found = found.flatMap { part in if case .text(let piece) = part { split(piece, search) } else { [part] } }
    }
    var parts: [Part] = []
    for part in found {
      guard case .text(var piece) = part else {
        parts.append(part)
        continue
      }
      if let normalizer { piece.text = try normalizer.normalized(piece.text) }
      parts += split(piece, normalized)
    }
    return parts
  }

  private func split(_ piece: Piece, _ search: TokenSearch) -> [Part] {
    guard !search.isEmpty else { return [.text(piece)] }
    let text = piece.text
    var parts: [Part] = []
    var start = 0
    for (id, match) in search.matches(in: text) {
      guard let token = tokens[id] else { continue }
      var (from, to) = (match.lowerBound, match.upperBound)
      if token.singleWord, Words.endsInWord(text[..<from]) || Words.beginsWithWord(text[to...]) { continue }
      // The white space in front may belong to the token before.
      if token.takesSpaceBefore { from = max(from - Words.spaceAtEnd(of: text[..<from]), start) }
      if token.takesSpaceAfter { to += Words.spaceAtBeginning(of: text[to...]) }
      if start < from { parts.append(.text(piece.part(start..<from))) }
      parts.append(.token(id))
      start = to
    }
    if start != text.count { parts.append(.text(piece.part(start..<text.count))) }
    return parts
  }
}

/// The ends of texts that are UTF-8.
private enum Words {
  static func beginsWithWord(_ text: ArraySlice<UInt8>) -> Bool {
    first(text)?.isWordCharacter ?? false
  }

  static func endsInWord(_ text: ArraySlice<UInt8>) -> Bool { last(text)?.isWordCharacter ?? false }

  /// The number of bytes of the white space at the beginning.
  static func spaceAtBeginning(of text: ArraySlice<UInt8>) -> Int {
    var rest = text
    while let scalar = first(rest), scalar.properties.isWhitespace { rest = rest.dropFirst(scalar.utf8.count) }
    return text.count - rest.count
  }

  /// The number of bytes of the white space at the end.
  static func spaceAtEnd(of text: ArraySlice<UInt8>) -> Int {
    var rest = text
    while let scalar = last(rest), scalar.properties.isWhitespace { rest = rest.dropLast(scalar.utf8.count) }
    return text.count - rest.count
  }

  private static func first(_ text: ArraySlice<UInt8>) -> Unicode.Scalar? {
    String(decoding: text.prefix(4), as: UTF8.self).unicodeScalars.first
  }

  private static func last(_ text: ArraySlice<UInt8>) -> Unicode.Scalar? {
    String(decoding: text.suffix(4), as: UTF8.self).unicodeScalars.last
  }
}
