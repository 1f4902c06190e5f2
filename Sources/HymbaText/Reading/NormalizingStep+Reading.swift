extension NormalizingStep {
  /// - Throws: ``TokenizerError``.
  init(_ part: FilePart) throws(TokenizerError) {
    let kind = try part.kind()
    if let form = UnicodeForm(rawValue: kind) {
      self = .unicode(form)
      return
    }
    switch kind {
    case "Prepend": self = .prepend(try part.required("prepend", "a text").insertedText())
    case "Replace":
      self = .replace(
        try Pattern(part.required("pattern", "a pattern")), with: try part.required("content", "a text").insertedText())
    case "Lowercase": self = .lowercase
    case "Strip":
      self = .strip(
        left: try part.required("strip_left", "true or false").bool(),
        right: try part.required("strip_right", "true or false").bool())
    case "StripAccents": self = .stripAccents
    default: throw .unknownKind(part: "normalizer", kind)
    }
  }

  /// Whether the step may take away the beginning of a text.
  var mayShortenBeginning: Bool {
    switch self {
    case .strip(let left, _): left
    case .stripAccents: true
    case .replace(_, let content): content.isEmpty
    case .prepend, .unicode, .lowercase: false
    }
  }
}

extension Pattern {
  /// - Throws: ``TokenizerError``.
  init(_ part: FilePart) throws(TokenizerError) {
    guard part["String"] == nil || part["Regex"] == nil else {
      throw .invalid(part.path, expected: "a String or a Regex alone")
    }
    if let text = part["String"] {
      let bytes = try text.insertedText()
      guard !bytes.isEmpty else { throw .unsupported(text.path, "is empty") }
      self = .text(bytes)
    } else if let expression = part["Regex"] {
      self = .expression(try RegularExpression(try expression.string()))
    } else {
      throw .invalid(part.path, expected: "a String or a Regex")
    }
  }
}
