extension SplittingStep {
  /// - Throws: ``TokenizerError``.
  init(_ part: FilePart) throws(TokenizerError) {
    let kind = try part.kind()
    switch kind {
    case "ByteLevel":
      let usesWords = try part["use_regex"]?.bool() ?? true
      self = .byteLevel(
        addPrefixSpace: try part.required("add_prefix_space", "true or false").bool(),
        words: usesWords ? try RegularExpression(Self.wordsOfGPT2) : nil)
    case "Metaspace": self = .metaspace(try Metaspace(part), splits: try part["split"]?.bool() ?? true)
    case "Split":
      self = .split(
        try Pattern(part.required("pattern", "a pattern")), try SplitBehavior(part.required("behavior", "a behavior")),
        inverted: try part.required("invert", "true or false").bool())
    case "Digits": self = .digits(individual: try part.required("individual_digits", "true or false").bool())
    case "Whitespace": self = .whitespace
    case "WhitespaceSplit": self = .whitespaceSplit
    case "Punctuation":
      self = .punctuation(try part["behavior"].map { part throws(TokenizerError) in try SplitBehavior(part) } ?? .isolated)
    default: throw .unknownKind(part: "pre-tokenizer", kind)
    }
  }

  /// The words of GPT-2, into which ByteLevel splits where nothing else is said.
  static let wordsOfGPT2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
}

extension SplitBehavior {
  fileprivate init(_ part: FilePart) throws(TokenizerError) {
    let name = try part.string()
    guard let behavior = Self(rawValue: name) else { throw .unknownKind(part: part.path, name) }
    self = behavior
  }
}

extension Metaspace {
  /// - Throws: ``TokenizerError``.
  init(_ part: FilePart) throws(TokenizerError) {
    mark = Array(String(try part.required("replacement", "one character").scalar()).utf8)
    let scheme = try part["prepend_scheme"]?.string() ?? "always"
    guard let prepending = Prepending(rawValue: scheme) else {
      throw .unknownKind(part: "\(part.path).prepend_scheme", scheme)
    }
    // Older files have this option alone. The package refuses one that says false and has no scheme.
    if try part["add_prefix_space"]?.bool() == false, prepending != .never {
      throw .unsupported("\(part.path).add_prefix_space", "is false, and the prepend_scheme says otherwise")
    }
    self.prepending = prepending
  }
}
