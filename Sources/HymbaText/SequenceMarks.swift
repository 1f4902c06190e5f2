package import HymbaFormat

/// The ids at which a model's text begins and ends, as the configuration files beside it say.
public struct SequenceMarks: Sendable, Equatable {
  /// The id at the beginning of every text; nil where none is named.
  public let beginning: Int?
  /// The ids that end a text. Generation stops at any of them.
  public let ends: [Int]

  public init(beginning: Int?, ends: [Int]) {
    self.beginning = beginning
    self.ends = ends
  }

  /// Reads the marks. `generation_config.json` counts before `config.json`, and this before `tokenizer_config.json`, each
  /// mark by itself, as in transformers.
  ///
  /// - Parameters:
  ///   - generation: The contents of `generation_config.json`; nil where there is none. The others likewise.
  ///   - tokenizer: The contents of `tokenizer_config.json`, which names tokens and no ids.
  ///   - vocabulary: The tokenizer that knows the ids of the tokens.
  /// - Throws: ``TokenizerError/invalid(_:expected:)`` for a mark that is no id.
  package init(
    generation: JSONValue?, configuration: JSONValue?, tokenizer: JSONValue?, _ vocabulary: Tokenizer?
  ) throws(TokenizerError) {
    let documents = [("generation_config.json", generation), ("config.json", configuration)]
    var (beginning, ends): (Int?, [Int]?)
    for (name, document) in documents {
      guard let document else { continue }
      if beginning == nil { beginning = try Self.ids("bos_token_id", in: document, name)?.first }
      if ends == nil { ends = try Self.ids("eos_token_id", in: document, name) }
    }
    self.beginning = beginning ?? Self.id("bos_token", in: tokenizer, vocabulary)
    self.ends = ends ?? Self.id("eos_token", in: tokenizer, vocabulary).map { [$0] } ?? []
  }

  /// One id or several. None is nil, and so is an empty list.
  private static func ids(
    _ key: String, in document: JSONValue, _ name: String
  ) throws(TokenizerError) -> [Int]? {
    let values: [JSONValue]
    switch document[key] {
    case nil, .null: return nil
    case .array(let list): values = list
    case let value?: values = [value]
    }
    var ids: [Int] = []
    for value in values {
      guard case .integer(let id) = value, (0..<Limits.tokenIDs).contains(id) else {
        throw .invalid("\(key) in \(name)", expected: "an id or a list of ids")
      }
      ids.append(id)
    }
    return ids.isEmpty ? nil : ids
  }

  /// The id of a token that is named by its text, or by an object that has the text.
  private static func id(_ key: String, in document: JSONValue?, _ vocabulary: Tokenizer?) -> Int? {
    switch document?[key] {
    case .string(let text)?: vocabulary?.id(of: text)
    case let value?: if case .string(let text)? = value["content"] { vocabulary?.id(of: text) } else { nil }
    case nil: nil
    }
  }
}
