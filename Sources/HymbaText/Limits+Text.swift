package import HymbaFormat

extension Limits {
  /// Bytes of a `tokenizer.json`. The largest released ones have 35 MB.
  package static let tokenizerBytes = 64 << 20

  /// Ids of tokens. Other programs hold an id in 32 bits, and signed ones among them.
  static let tokenIDs = 1 << 31

  /// Added tokens. Released files have a few thousand at most.
  static let addedTokens = 1 << 17

  /// Bytes of an added token. The search for them takes time in proportion to the longest.
  static let addedTokenBytes = 1024

  /// Steps of a sequence of normalizers, pre-tokenizers or decoders.
  static let sequenceSteps = 64

  /// Bytes of a pattern. The longest released one has a few hundred.
  static let patternBytes = 1 << 14

  /// Bytes of what a step puts into a text.
  static let insertedBytes = 1024

  /// Bytes that a text may have when it is normalized. The widest single character becomes 33.
  static func normalizedBytes(of byteCount: Int) -> Int { 64 * byteCount + (1 << 16) }

  /// Characters that decoding takes from an end of a token.
  static let strippedCharacters = 1024

  /// Special tokens around a text. Released files have one or two.
  static let templateTokens = 1024

  /// Bytes of a token in a vocabulary of scores, each of which is divided in every way. SentencePiece makes none of more
  /// than 64, by default of 16 characters.
  static let scoredTokenBytes = 256
}
