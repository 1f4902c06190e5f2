import HymbaFormat

/// A `tokenizer.json` of Hugging Face's tokenizers library, as far as it describes byte pair encoding.
struct TokenizerDocument: Sendable {
  /// A token that is looked for in a text before everything else.
  struct Added: Sendable {
    let id: Int
    let content: String
    /// Whether it stands for no text, such as the beginning of a sequence.
    let isSpecial: Bool
  }

  /// `BPE`, `Unigram`, `WordPiece` or `WordLevel`; empty where the document does not say it.
  private(set) var kind = ""
  /// The ids of the tokens that the model makes. Texts are compared by their bytes, as they are bytes of any text.
  private(set) var vocabulary: NameTable<Int> = [:]
  /// The pairs that become one token, those that are joined first at the beginning.
  private(set) var merges: [Merge] = []
  /// The options of the model beside its vocabulary and merges.
  private(set) var options: [String: JSONValue] = [:]
  private(set) var added: [Added] = []
  /// The other members of the document.
  private(set) var members: [String: JSONValue] = [:]

  struct Merge: Sendable {
    let first: String
    let second: String
  }

  /// - Throws: ``FormatError/json(_:offset:)`` for a text that is no such document.
  init(parsing text: [UInt8]) throws(FormatError) {
    var reader = try JSONReader(text)
    var document = Self()
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "model": try document.readModel(&reader)
      case "added_tokens": document.added = try Self.readAdded(&reader)
      default: document.members[key] = try JSONValue(from: &reader)
      }
    }
    try reader.finish()
    self = document
  }

  private init() {}

  /// Whether an option of the model is true.
  func isSet(_ option: String) -> Bool { options[option] == .bool(true) }

  /// The steps of a part such as `normalizer` or `pre_tokenizer`, in order; none where the document has no such part.
  func steps(_ part: String) -> [JSONValue] {
    guard let value = members[part], value != .null else { return [] }
    if case .array(let parts)? = value["\(part)s"] ?? value["pretokenizers"] ?? value["processors"] { return parts }
    return [value]
  }

  /// The id of a token; nil for none.
  func id(of text: String) -> Int? {
    added.first { $0.content.utf8.elementsEqual(text.utf8) }?.id ?? vocabulary[text]
  }

  // MARK: Parts

  private mutating func readModel(_ reader: inout JSONReader) throws(FormatError) {
    var model = self
    try reader.readObject { reader, key throws(FormatError) in
      switch (key, try reader.peek()) {
      case ("vocab", .object):
        try reader.readObject { reader, token throws(FormatError) in
          if let id = try JSONValue(from: &reader).wholeNumber { model.vocabulary[token] = id }
        }
      case ("merges", .array):
        try reader.readArray { reader throws(FormatError) in
          if let merge = Merge(try JSONValue(from: &reader)) { model.merges.append(merge) }
        }
      case ("type", .string): model.kind = try reader.readString()
      default: model.options[key] = try JSONValue(from: &reader)
      }
    }
    self = model
  }

  private static func readAdded(_ reader: inout JSONReader) throws(FormatError) -> [Added] {
    guard case .array(let tokens) = try JSONValue(from: &reader) else { return [] }
    return tokens.compactMap { token in
      guard let id = token["id"]?.wholeNumber, case .string(let content)? = token["content"] else { return nil }
      return Added(id: id, content: content, isSpecial: token["special"] == .bool(true))
    }
  }
}

extension TokenizerDocument.Merge {
  /// - Returns: Nil for a value that is neither a list of two texts nor a text with one space between two.
  fileprivate init?(_ value: JSONValue) {
    switch value {
    case .array(let parts):
      guard parts.count == 2, case .string(let first) = parts[0], case .string(let second) = parts[1] else { return nil }
      self.init(first: first, second: second)
    case .string(let text):
      guard let space = text.utf8.firstIndex(of: 0x20) else { return nil }
      self.init(first: String(text[..<space]), second: String(text[text.utf8.index(after: space)...]))
    default: return nil
    }
  }
}
