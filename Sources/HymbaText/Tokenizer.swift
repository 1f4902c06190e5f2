/// A tokenizer as `tokenizer.json` describes it: text to token ids, and back.
///
/// The ids are those of Hugging Face's `tokenizers`, for every kind of file that is read. A part of a file that is not known
/// is refused by its name, because to leave it out would give other ids.
public struct Tokenizer: Sendable {
  let model: BytePairModel
  let added: AddedTokens
  let normalizer: Normalizer?
  let splitter: Splitter?
  let template: Template
  let decoders: [DecodingStep]
  /// What a user should know of the file: a clause each, for a message that names the file.
  public let notes: [String]

  /// Reads a `tokenizer.json`.
  ///
  /// - Parameter json: The contents of the file.
  /// - Throws: ``TokenizerError``, and `FormatError` for a text that is no JSON.
  /// - Complexity: O(*n*), which is a second for the largest released files.
  public init(json: [UInt8]) throws {
    self = try TokenizerDocument(json).tokenizer()
  }

  init(
    model: BytePairModel, added: AddedTokens, normalizer: Normalizer?, splitter: Splitter?, template: Template,
    decoders: [DecodingStep], notes: [String]
  ) {
    (self.model, self.added, self.normalizer, self.splitter) = (model, added, normalizer, splitter)
    (self.template, self.decoders, self.notes) = (template, decoders, notes)
  }
}

// MARK: Text to ids

extension Tokenizer {
  /// The ids of a text.
  ///
  /// - Parameters:
  ///   - text: The text. Added tokens that stand in it become their ids.
  ///   - addSpecialTokens: Whether the special tokens of the file's template are put around the text, such as `<s>`.
  /// - Throws: ``TokenizerError`` for a text that has no ids, or on which a pattern of the file takes too long.
  /// - Complexity: O(*n* log *n*) in the length of the text.
  public func encode(_ text: String, addSpecialTokens: Bool = true) throws(TokenizerError) -> [Int] {
    try encoded(validUTF8: Array(text.utf8), addSpecialTokens).ids
  }

  /// The ids of a text as it stands in a file.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - addSpecialTokens: As in ``encode(_:addSpecialTokens:)``.
  /// - Throws: As ``encode(_:addSpecialTokens:)``, and ``TokenizerError/textNotUTF8(offset:)``.
  public func encode(utf8 bytes: [UInt8], addSpecialTokens: Bool = true) throws(TokenizerError) -> [Int] {
    try encoded(utf8: bytes, addSpecialTokens: addSpecialTokens).ids
  }

  /// The ids of a text as it stands in a file, with the number of characters that have none.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - addSpecialTokens: As in ``encode(_:addSpecialTokens:)``.
  /// - Throws: As ``encode(utf8:addSpecialTokens:)``.
  public func encoded(utf8 bytes: [UInt8], addSpecialTokens: Bool = true) throws(TokenizerError) -> EncodedText {
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw .textNotUTF8(offset: error.byteOffsets.lowerBound)
    }
    return try encoded(validUTF8: bytes, addSpecialTokens)
  }

  private func encoded(validUTF8 bytes: [UInt8], _ addSpecialTokens: Bool) throws(TokenizerError) -> EncodedText {
    var text = EncodedText(ids: addSpecialTokens ? template.before : [], leftOut: 0)
    var words = WordMemory(model)
    for part in try added.parts(of: bytes, normalizer) {
      switch part {
      case .token(let id): text.ids.append(id)
      case .text(let piece):
        for piece in try splitter?.split([piece]) ?? [piece] { try words.append(piece.text, to: &text) }
      }
    }
    if addSpecialTokens { text.ids += template.after }
    return text
  }
}

// MARK: Ids to text

extension Tokenizer {
  /// The text of ids. An id that no token has is passed over.
  ///
  /// - Parameters:
  ///   - ids: The ids.
  ///   - skipSpecialTokens: Whether special tokens are left out.
  /// - Returns: The text. Bytes that are no UTF-8 become U+FFFD.
  public func decode(_ ids: some Sequence<Int>, skipSpecialTokens: Bool = true) -> String {
    var stream = stream(skipSpecialTokens: skipSpecialTokens)
    var text = ""
    for id in ids { text += stream.append(id) }
    return text + stream.finish()
  }

  /// A decoder for ids that come one by one.
  public func stream(skipSpecialTokens: Bool = true) -> TextStream {
    TextStream(self, skipSpecialTokens: skipSpecialTokens)
  }
}

// MARK: Tokens

extension Tokenizer {
  /// The number of different tokens, with the added ones.
  public var tokenCount: Int { model.vocabulary.count + added.idsBeyondModel.count }

  /// One more than the largest id. A model's embedding has at least as many rows, and often more.
  public var idBound: Int { max(model.vocabulary.largestID, added.idsBeyondModel.max() ?? -1) + 1 }

  /// Whether tokens are made of letters that stand for bytes, so that ``EncodedText/leftOut`` counts bytes.
  public var isOfBytes: Bool {
    splitter?.steps.contains { if case .byteLevel = $0 { true } else { false } } ?? false
  }

  /// The ids of the special tokens.
  public var specialIDs: Set<Int> { added.specialIDs }

  /// A token as the file spells it; nil for an id that no token has.
  public func token(for id: Int) -> String? { added.token(for: id) ?? model.vocabulary.token(for: id) }

  /// The id of a token that is spelt as in the file; nil when there is none.
  public func id(of token: String) -> Int? { added.id(of: token) ?? model.vocabulary.id(of: token) }
}
