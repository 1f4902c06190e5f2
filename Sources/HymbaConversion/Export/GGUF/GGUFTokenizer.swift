import HymbaCheckpoints
import HymbaFormat
import HymbaText

/// The keys of a GGUF file that describe a tokenizer, as llama.cpp's converter writes them.
struct GGUFTokenizer {
  private(set) var entries: [GGUFEntry] = []
  /// What a user should know of it.
  private(set) var notes: [String] = []

  private let model: ModelDocument
  private let added: [AddedToken]
  private let (normalizer, division): ([JSONValue], [JSONValue])
  private let rows: Int

  /// Why a tokenizer has no place in a GGUF file.
  struct Unfit: Error {
    /// A clause about the tokenizer: `it is a Unigram`.
    let why: String
  }

  /// The numbers of kinds of tokens in `tokenizer.ggml.token_type`.
  private enum Kind: Int32 {
    case normal = 1, control = 3, userDefined = 4, unused = 5, byte = 6
  }

  /// - Parameters:
  ///   - configuration: The `config.json` of the model; null where it is not known.
  ///   - rows: The rows of the embedding. llama.cpp refuses a list of tokens of another length.
  /// - Throws: ``Unfit``, and `TokenizerError` for a document that contradicts itself.
  init(_ files: TokenizerFiles, _ configuration: JSONValue, rows: Int) throws {
    let document = files.document
    self.model = try document.model
    self.rows = rows
    let kind = try model.kind
    guard kind == "BPE" else { throw Unfit(why: "it is of the kind \(kind.printable), and no BPE") }
    try model.requireSound()
    self.added = try document.addedTokens()
    (normalizer, division) = (try document.steps(of: .normalizer), try document.steps(of: .preTokenizer))
    let affixes = ["continuing_subword_prefix", "end_of_word_suffix"]
    guard affixes.allSatisfy({ [nil, .null, .string("")].contains(model.options[$0]) }) else {
      throw Unfit(why: "its tokens within a word are marked")
    }
    let tokens = try tokens()
    if model.options["byte_fallback"] == .bool(true) {
      try addSentencePiece(tokens)
    } else {
      try addByteLevel(tokens, LlamaCppPreTokenizer.name(of: document))
    }
    addSpecial(files, configuration, try Self.template(of: document))
  }

  private mutating func add(_ entry: GGUFEntry) { entries.append(entry) }

  private static func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }

  // MARK: Tokens

  private struct Token {
    var text: String
    var kind: Kind
  }

  /// The tokens by their ids, as many as the embedding has rows.
  private func tokens() throws(Unfit) -> [Token] {
    var tokens = (0..<rows).map { Token(text: "[PAD\($0)]", kind: .unused) }
    func set(_ id: Int, _ token: Token) throws(Unfit) {
      guard tokens.indices.contains(id) else {
        throw Unfit(why: "it has the id \(id), and the embedding has \(rows) rows")
      }
      tokens[id] = token
    }
    for (text, id) in model.tokens { try set(id, Token(text: text, kind: .normal)) }
    for token in added {
      let isControl = token.isSpecial || Self.looksSpecial(token.content)
      try set(token.id, Token(text: token.content, kind: isControl ? .control : .userDefined))
    }
    return tokens
  }

  /// Whether llama.cpp's converter takes a token for a special one that is not declared so.
  private static func looksSpecial(_ text: String) -> Bool {
    ["<pad>", "<mask>", "<2mass>", "[@BOS@]"].contains(text)
      || text.hasPrefix("<|") && text.hasSuffix("|>") || text.hasPrefix("<｜") && text.hasSuffix("｜>")
      || text.hasPrefix("<unused") && text.hasSuffix(">")
  }

  private mutating func addByteLevel(_ tokens: [Token], _ name: String?) throws(Unfit) {
    guard let name else {
      throw Unfit(why: "it divides a text in a way for which no name of llama.cpp's is known here")
    }
    guard normalizer.isEmpty || normalizer.map({ $0["type"] }) == [.string("NFC")] else {
      throw Unfit(why: "it changes a text before it divides it, which llama.cpp does not")
    }
    if !normalizer.isEmpty { notes.append("the tokenizer brings a text to NFC first, which llama.cpp does not") }
    add(GGUFEntry(Self.key("model"), "gpt2"))
    add(GGUFEntry(Self.key("pre"), name))
    add(GGUFEntry(Self.key("tokens"), tokens.map(\.text)))
    add(GGUFEntry(Self.key("token_type"), tokens.map(\.kind.rawValue)))
    add(GGUFEntry(Self.key("merges"), model.merges.map { "\($0.left) \($0.right)" }))
    notes.append("the tokenizer is that of \(TokenizerFiles.documentName): gpt2 with the pre-tokenizer \(name)")
  }

  // MARK: SentencePiece

  /// The character that stands for a space.
  private static let space = "\u{2581}"
  /// The score of a token that no merge makes.
  private static let lowestScore: Float = -1e6

  private mutating func addSentencePiece(_ tokens: [Token]) throws(Unfit) {
    guard let prefixes = prefixesSpace else {
      throw Unfit(why: "it changes or divides a text in another way than SentencePiece")
    }
    if prefixes, !division.isEmpty {
      notes.append(
        "llama.cpp puts a space before a text that begins with one too, and behind each special token, where the tokenizer does not"
      )
    }
    // llama.cpp joins the pair whose token has the highest score first, which is the order of the merges.
    var scores: NameTable<Float> = [:]
    for (rank, merge) in model.merges.enumerated() {
      scores.insert(-Float(rank), for: merge.left + merge.right)
    }
    let kinds = tokens.map { $0.kind == .normal && Self.isByte($0.text) ? Kind.byte : $0.kind }
    add(GGUFEntry(Self.key("model"), "llama"))
    add(GGUFEntry(Self.key("pre"), "default"))
    add(GGUFEntry(Self.key("tokens"), tokens.map(\.text)))
    add(GGUFEntry(Self.key("scores"), tokens.map { scores[$0.text] ?? Self.lowestScore }))
    add(GGUFEntry(Self.key("token_type"), kinds.map(\.rawValue)))
    add(GGUFEntry(Self.key("add_space_prefix"), prefixes))
    notes.append("the tokenizer is that of \(TokenizerFiles.documentName): llama, with the merges as scores")
  }

  /// Whether a space is put before a text; nil for a tokenizer that does something else than that, and to write
  /// spaces as ▁.
  private var prefixesSpace: Bool? {
    switch (normalizer.count, division.count) {
    case (1, 0): return Self.replacesSpaces(normalizer[0]) ? false : nil
    case (2, 0):
      let prepends = normalizer[0]["type"] == .string("Prepend") && normalizer[0]["prepend"] == .string(Self.space)
      return prepends && Self.replacesSpaces(normalizer[1]) ? true : nil
    case (0, 1):
      guard division[0]["type"] == .string("Metaspace"), division[0]["replacement"] == .string(Self.space) else {
        return nil
      }
      switch division[0]["prepend_scheme"] {
      case .string("never")?: return false
      case .string("always")?, .string("first")?: return true
      default: return division[0]["add_prefix_space"] != .bool(false)
      }
    default: return nil
    }
  }

  private static func replacesSpaces(_ step: JSONValue) -> Bool {
    step["type"] == .string("Replace") && step["pattern"]?["String"] == .string(" ")
      && step["content"] == .string(space)
  }

  /// Whether a token stands for one byte: `<0x0A>`.
  private static func isByte(_ text: String) -> Bool {
    text.utf8.count == 6 && text.hasPrefix("<0x") && text.hasSuffix(">")
      && text.dropFirst(3).dropLast().allSatisfy(\.isHexDigit)
  }

  // MARK: Special tokens

  private mutating func addSpecial(_ files: TokenizerFiles, _ configuration: JSONValue, _ template: [String?]) {
    var ids: [String: Int] = [:]
    for (name, key) in [("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding")] {
      guard let id = specialID(name, files.configuration, configuration) else { continue }
      ids[name] = id
      add(GGUFEntry(Self.key("\(key)_token_id"), UInt32(id)))
    }
    // Without these keys, llama.cpp decides by the kind of the tokenizer.
    for (name, end) in [("bos", \[String?].first), ("eos", \[String?].last)] {
      let isAdded =
        if case .bool(let flag)? = files.configuration["add_\(name)_token"] { flag } else {
          ids[name] != nil && (template[keyPath: end] ?? nil).flatMap(id) == ids[name]
        }
      add(GGUFEntry(Self.key("add_\(name)_token"), isAdded))
    }
    if case .string(let template)? = files.configuration["chat_template"] ?? files.template.map(JSONValue.string) {
      add(GGUFEntry("tokenizer.chat_template", template))
    }
  }

  private func specialID(_ name: String, _ tokenizer: JSONValue, _ model: JSONValue) -> Int? {
    let entry = tokenizer["\(name)_token"]
    if case .string(let text)? = entry?["content"] ?? entry, let token = added.first(where: { $0.content == text }) {
      return token.id
    }
    return model["\(name)_token_id"]?.wholeNumber.flatMap { (0..<rows).contains($0) ? $0 : nil }
  }

  /// The id of a token; nil for none.
  private func id(of text: String) -> Int? {
    added.first { $0.content.utf8.elementsEqual(text.utf8) }?.id
      ?? model.tokens.last { $0.token.utf8.elementsEqual(text.utf8) }?.id
  }

  /// The parts of one encoded text: a special token, or nil for the text.
  private static func template(of document: TokenizerDocument) throws -> [String?] {
    let steps = try document.steps(of: .postProcessor)
    let processor = steps.first { $0["type"] == .string("TemplateProcessing") }
    guard case .array(let parts)? = processor?["single"] else { return [] }
    return parts.map { part in
      if case .string(let id)? = part["SpecialToken"]?["id"] { id } else { nil }
    }
  }
}
