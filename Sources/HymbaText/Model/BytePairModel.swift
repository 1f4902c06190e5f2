import HymbaFormat

/// Byte pair encoding: characters become tokens, and pairs of neighbours are merged, the earliest listed first.
struct BytePairModel: Sendable {
  let vocabulary: Vocabulary
  private let merges: MergeTable
  private let characters: [UInt32: Int]
  /// The ids of `<0x00>` to `<0xFF>`; empty when characters without a token do not become bytes.
  private let bytes: [Int?]
  private let unknown: Unknown?
  private let ignoresMerges: Bool

  /// What becomes of a character without a token.
  struct Unknown: Sendable {
    let token: String
    /// Whether neighbours become one token.
    let isFused: Bool
  }

  /// - Parameters:
  ///   - unknown: The token for a character without one; nil when such a character is left out.
  ///   - byteFallback: Whether a character without a token becomes the tokens of its bytes.
  ///   - ignoresMerges: Whether a word that is a token becomes this token, whatever the merges make of it.
  init(_ vocabulary: Vocabulary, _ merges: MergeTable, unknown: Unknown?, byteFallback: Bool, ignoresMerges: Bool) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.characters = vocabulary.characters()
    self.bytes = byteFallback ? (0...UInt8.max).map { vocabulary.id(of: ByteToken.text(of: $0)) } : []
    self.unknown = unknown
    self.ignoresMerges = ignoresMerges
  }

  /// The ids of a word, which is UTF-8.
  /// - Throws: ``TokenizerError/unknownTokenMissing(_:)``.
  /// - Complexity: O(*n* log *n*).
  func encoded(_ word: [UInt8]) throws(TokenizerError) -> EncodedText {
    if ignoresMerges, let id = vocabulary.id(of: String(decoding: word, as: UTF8.self)) {
      return EncodedText(ids: [id], leftOut: 0)
    }
    var symbols = try symbols(of: word)
    symbols.ids = merges.merged(symbols.ids)
    return symbols
  }

  /// The ids of the characters of a word, before any merge.
  ///
  /// An unknown token is held back until a character with a token follows, and bytes overtake it. The package does the same.
  private func symbols(of word: [UInt8]) throws(TokenizerError) -> EncodedText {
    var (symbols, leftOut): ([Int], Int) = ([], 0)
    symbols.reserveCapacity(word.count)
    var heldBack: Int?
    var scalars = Scalars(word)
    while let (scalar, range) = scalars.next() {
      if let id = characters[scalar.value] {
        if let held = heldBack.take() { symbols.append(held) }
        symbols.append(id)
      } else if let ids = byteTokens(word[range]) {
        symbols += ids
      } else if let unknown {
        guard let id = vocabulary.id(of: unknown.token) else { throw .unknownTokenMissing(unknown.token) }
        if let held = heldBack, !unknown.isFused { symbols.append(held) }
        heldBack = id
      } else {
        leftOut += 1
      }
    }
    if let heldBack { symbols.append(heldBack) }
    return EncodedText(ids: symbols, leftOut: leftOut)
  }

  /// The tokens of the bytes of a character; nil unless all have one.
  private func byteTokens(_ character: ArraySlice<UInt8>) -> [Int]? {
    guard !bytes.isEmpty else { return nil }
    var ids: [Int] = []
    for byte in character {
      guard let id = bytes[Int(byte)] else { return nil }
      ids.append(id)
    }
    return ids
  }
}

/// The tokens that stand for one byte each, in models whose characters without a token become bytes.
enum ByteToken {
  /// The token of a byte: `<0x0A>`.
  static func text(of byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(digits.utf8.count == 1 ? "0" : "")\(digits)>"
  }

  /// The byte of a token; nil for another token. Small digits count, and so does a plus sign, as in the package.
  static func byte(of token: String) -> UInt8? {
    let text = Array(token.utf8.prefix(7))
    guard text.count == 6, text.starts(with: "<0x".utf8), text[5] == UInt8(ascii: ">"),
      text[3] < 0x80, text[4] < 0x80, text[3] != UInt8(ascii: "-")
    else { return nil }
    return UInt8(String(decoding: text[3...4], as: UTF8.self), radix: 16)
  }
}
