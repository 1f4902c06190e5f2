import HymbaFormat

extension Tokenizer {
  /// The tokenizer of a GGUF file, whose ids are those of llama.cpp.
  ///
  /// - Parameter vocabulary: What the keys of the file say.
  /// - Throws: ``TokenizerError/insideGGUF(_:)`` for a kind that is not read, and where the ids would not be llama.cpp's;
  ///   ``TokenizerError`` for a vocabulary that contradicts itself.
  /// - Complexity: O(*n*) in the number of tokens, and for `llama` in the squares of their lengths.
  package init(_ vocabulary: LlamaCppVocabulary) throws(TokenizerError) {
    let tokens = try vocabulary.table()
    let model: BytePairModel
    let normalizer: Normalizer?
    let splitter: Splitter?
    let decoders: [DecodingStep]
    var addsBeginning = false
    switch vocabulary.model {
    case "gpt2":
      guard let name = vocabulary.preTokenizer else { throw .insideGGUF("it has no tokenizer.ggml.pre") }
      guard let way = LlamaCppPreTokenizer(named: name) else {
        throw .insideGGUF("its tokenizer.ggml.pre is “\(name.printable)”")
      }
      model = BytePairModel(
        tokens, try vocabulary.listedMerges(tokens), unknown: nil, byteFallback: false,
        ignoresMerges: way.ignoresMerges)
      var steps: [SplittingStep] = []
      for expression in way.expressions {
        steps.append(.split(.expression(try RegularExpression(expression)), .isolated, inverted: false))
      }
      (normalizer, splitter) = (nil, Splitter(steps: steps + [.byteLevel(addPrefixSpace: false, words: nil)]))
      (decoders, addsBeginning) = ([.byteLevel], way.ignoresMerges)
    case "llama":
      let prefixesSpace = vocabulary.prefixesSpace ?? true
      model = BytePairModel(
        tokens, try vocabulary.scoredMerges(tokens), unknown: nil, byteFallback: true, ignoresMerges: false)
      let mark = Array("\u{2581}".utf8)
      let replacing = NormalizingStep.replace(.text(Array(" ".utf8)), with: mark)
      // llama.cpp puts the space before one that is there, and behind each special token.
      normalizer = Normalizer(steps: prefixesSpace ? [.prepend(mark), replacing] : [replacing])
      splitter = nil
      decoders =
        [.replace(mark, with: Array(" ".utf8)), .byteFallback, .fuse]
        + (prefixesSpace ? [.strip(" ", start: 1, stop: 0)] : [])
      addsBeginning = true
    case let other: throw .insideGGUF("its tokenizer.ggml.model is “\(other.printable)”")
    }
    self.init(
      model: model,
      added: try AddedTokens(vocabulary.specialTokens, tokens, nil, longestFirst: true),
      normalizer: normalizer, splitter: splitter, template: try vocabulary.template(addsBeginning: addsBeginning),
      decoders: decoders, notes: [])
  }
}

extension LlamaCppVocabulary {
  fileprivate func table() throws(TokenizerError) -> Vocabulary {
    guard !tokens.isEmpty else { throw .insideGGUF("it has no tokens") }
    for (name, count) in [("token_type", kinds?.count), ("scores", scores?.count)] {
      guard count ?? tokens.count == tokens.count else {
        throw .insideGGUF("its tokenizer.ggml.\(name) has \(count ?? 0) values for \(tokens.count) tokens")
      }
    }
    var table = Vocabulary(minimumCapacity: tokens.count)
    for (id, token) in tokens.enumerated() {
      guard !token.isEmpty else { throw .insideGGUF("its token \(id) is empty") }
      if let other = table.id(of: token) {
        throw .insideGGUF("its tokens \(other) and \(id) are both “\(token.printable)”")
      }
      try table.insert(token, id)
    }
    return table
  }

  /// The tokens that are looked for in a text before everything else.
  fileprivate var specialTokens: [AddedToken] {
    tokens.indices.filter(isLookedFor).map { id in
      AddedToken(
        id: id, content: tokens[id], singleWord: false, takesSpaceBefore: false, takesSpaceAfter: false,
        isNormalized: false, isSpecial: kind(of: id) != .userDefined)
    }
  }

  /// Whether a token is looked for in a text before everything else.
  func isLookedFor(_ id: Int) -> Bool { [.control, .userDefined, .unknown].contains(kind(of: id)) }

  /// The kind of a token, which is a special one also by its name.
  private func kind(of id: Int) -> Kind {
    let kind = kinds.map { Kind(rawValue: $0[id]) ?? .normal } ?? .normal
    switch kind {
    case .control, .userDefined, .unknown: return kind
    case .normal, .unused, .byte:
      let isNamed = LlamaCppNames.ends.contains(tokens[id]) || LlamaCppNames.ofFilling.contains(tokens[id])
      return isNamed ? .control : kind
    }
  }

  /// The ids that are put around a text.
  /// - Parameter addsBeginning: Whether the kind has a beginning where no key says it.
  fileprivate func template(addsBeginning: Bool) throws(TokenizerError) -> Template {
    var template = Template()
    let isOfPieces = model == "llama"
    if beginning.isAdded ?? addsBeginning {
      template.before = [try known(beginning.id ?? (isOfPieces ? 1 : nil), "bos")]
    }
    if end.isAdded ?? false { template.after = [try known(end.id ?? (isOfPieces ? 2 : nil), "eos")] }
    return template
  }

  private func known(_ id: Int?, _ name: String) throws(TokenizerError) -> Int {
    guard let id else { throw .insideGGUF("it has no tokenizer.ggml.\(name)_token_id, which it puts around a text") }
    guard tokens.indices.contains(id) else {
      throw .insideGGUF("its tokenizer.ggml.\(name)_token_id is \(id), and it has \(tokens.count) tokens")
    }
    return id
  }
}

extension Tokenizer {
  /// The ids of the tokens that end a text or a turn in llama.cpp by their names, sorted.
  package var endsByName: [Int] { LlamaCppNames.ends.compactMap(id).sorted() }
}
