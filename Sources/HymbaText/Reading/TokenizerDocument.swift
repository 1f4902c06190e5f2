package import HymbaFormat

/// A `tokenizer.json` as it is written.
package struct TokenizerDocument {
  private var parts: [String: JSONValue] = [:]
  private let given: ModelDocument?

  /// - Parameter json: The contents of the file.
  /// - Throws: `FormatError` for a text that is no JSON, ``TokenizerError/tooMany(_:limit:)``.
  package init(_ json: [UInt8]) throws {
    guard json.count <= Limits.tokenizerBytes else {
      throw TokenizerError.tooMany("bytes", limit: Limits.tokenizerBytes)
    }
    var (parts, model): ([String: JSONValue], ModelDocument?) = ([:], nil)
    var reader = try JSONReader(json)
    try reader.readObject { reader, key throws(FormatError) in
      if key == "model" {
        model = try ModelDocument(&reader)
      } else {
        parts[key] = try JSONValue(from: &reader)
      }
    }
    try reader.finish()
    (self.parts, self.given) = (parts, model)
  }

  /// The member `model`.
  /// - Throws: ``TokenizerError/invalid(_:expected:)`` where there is none.
  package var model: ModelDocument {
    get throws(TokenizerError) {
      guard let given else { throw .invalid("model", expected: "there") }
      return given
    }
  }

  /// A part that may be a sequence of steps. The raw value is its name in the file.
  package enum StepsPart: String {
    case normalizer
    case preTokenizer = "pre_tokenizer"
    case postProcessor = "post_processor"
    case decoder

    /// The name of the list in a sequence.
    fileprivate var list: String {
      switch self {
      case .normalizer: "normalizers"
      case .preTokenizer: "pretokenizers"
      case .postProcessor: "processors"
      case .decoder: "decoders"
      }
    }
  }

  /// The steps of a part in order; none where the document has no such part.
  /// - Throws: ``TokenizerError``.
  package func steps(of part: StepsPart) throws(TokenizerError) -> [JSONValue] {
    try fileParts(of: part).map(\.value)
  }

  private func fileParts(of part: StepsPart) throws(TokenizerError) -> [FilePart] {
    try self.part(part.rawValue)?.steps(part.list) ?? []
  }

  private func part(_ name: String) -> FilePart? {
    guard let value = parts[name], value != .null else { return nil }
    return FilePart(path: name, value: value)
  }

  /// - Throws: ``TokenizerError``.
  func tokenizer() throws(TokenizerError) -> Tokenizer {
    let known = [
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
    ]
    for name in parts.keys where !known.contains(name) { throw .unsupported(name, "is not known here") }
    let model = try self.model.model()
    let normalizer = try normalizer()
    let added = try AddedTokens(addedTokens(model.vocabulary), model.vocabulary, normalizer)
    let template = try part("post_processor").map { part throws(TokenizerError) in try Template(part) } ?? Template()
    for id in template.before + template.after where (added.token(for: id) ?? model.vocabulary.token(for: id)) == nil {
      throw .invalid("post_processor", expected: "a template of known tokens: no token has the id \(id)")
    }
    return Tokenizer(
      model: model, added: added, normalizer: normalizer, splitter: try splitter(behind: normalizer),
      template: template, decoders: try decoders(), notes: notes)
  }

  private var notes: [String] {
    ["truncation", "padding"].filter { part($0) != nil }.map { "its \($0) is left aside: every token of a text is kept" }
  }

  private func normalizer() throws(TokenizerError) -> Normalizer? {
    var steps: [NormalizingStep] = []
    for step in try fileParts(of: .normalizer) { steps.append(try NormalizingStep(step)) }
    return steps.isEmpty ? nil : Normalizer(steps: steps)
  }

  private func splitter(behind normalizer: Normalizer?) throws(TokenizerError) -> Splitter? {
    guard part("pre_tokenizer") != nil else { return nil }
    var steps: [SplittingStep] = []
    for part in try fileParts(of: .preTokenizer) {
      let step = try SplittingStep(part)
      if case .byteLevel = step, steps.contains(where: \.isByteLevel) {
        throw .unsupported(part.path, "is the second ByteLevel")
      }
      // Where the text began is known here only while nothing was taken from its beginning.
      if case .metaspace(let space, _) = step, space.prepending == .first, let normalizer,
        !steps.isEmpty || normalizer.steps.contains(where: \.mayShortenBeginning)
      {
        throw .unsupported(part.path, "has the prepend_scheme first behind a step that may take the beginning away")
      }
      steps.append(step)
    }
    return Splitter(steps: steps)
  }

  private func decoders() throws(TokenizerError) -> [DecodingStep] {
    var steps: [DecodingStep] = []
    for step in try fileParts(of: .decoder) { steps.append(try DecodingStep(step)) }
    return steps
  }
}

extension TokenizerDocument {
  /// The added tokens.
  /// - Throws: ``TokenizerError``.
  package func addedTokens() throws(TokenizerError) -> [AddedToken] { try addedTokens(model.vocabulary()) }

  /// The added tokens. The package gives them ids by their order and not by the file, so both must agree.
  private func addedTokens(_ vocabulary: Vocabulary) throws(TokenizerError) -> [AddedToken] {
    guard let list = try part("added_tokens")?.list() else { return [] }
    guard list.count <= Limits.addedTokens else { throw .tooMany("added tokens", limit: Limits.addedTokens) }
    var tokens: [AddedToken] = []
    var contents: [Int: String] = [:]
    var known: NameTable<Bool> = [:]
    var next = vocabulary.count
    for part in list {
      let token = try AddedToken(part)
      guard !token.content.isEmpty else { continue }
      guard known.insert(true, for: token.content) else { throw .addedTwice(token.content) }
      let expected = vocabulary.id(of: token.content) ?? next
      guard token.id == expected else { throw .addedID(token.content, file: token.id, expected: expected) }
      if let other = contents.updateValue(token.content, forKey: token.id) {
        throw .repeatedID(token.id, other, token.content)
      }
      // The next id follows the largest one of an added token, which may be one of the vocabulary's.
      next = max(next, token.id + 1)
      tokens.append(token)
    }
    return tokens
  }
}

extension AddedToken {
  fileprivate init(_ part: FilePart) throws(TokenizerError) {
    func flag(_ name: String) throws(TokenizerError) -> Bool { try part.required(name, "true or false").bool() }
    id = try part.required("id", "an id").integer(in: 0...(Limits.tokenIDs - 1))
    content = try part.required("content", "a text").string()
    guard content.utf8.count <= Limits.addedTokenBytes else {
      throw .tooMany("bytes in the added token \(id)", limit: Limits.addedTokenBytes)
    }
    singleWord = try flag("single_word")
    takesSpaceBefore = try flag("lstrip")
    takesSpaceAfter = try flag("rstrip")
    isNormalized = try flag("normalized")
    isSpecial = try flag("special")
  }
}

extension SplittingStep {
  fileprivate var isByteLevel: Bool { if case .byteLevel = self { true } else { false } }
}
