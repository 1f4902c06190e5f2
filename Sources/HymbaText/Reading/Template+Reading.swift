import HymbaFormat

extension Template {
  /// - Throws: ``TokenizerError``.
  init(_ part: FilePart) throws(TokenizerError) {
    for step in try part.steps("processors") {
      switch try step.kind() {
      case "TemplateProcessing": try apply(step)
      // It changes the offsets of tokens, which are not returned here.
      case "ByteLevel": break
      case let kind: throw .unknownKind(part: "post-processor", kind)
      }
    }
  }

  /// Puts the special tokens of a template around those that are there.
  private mutating func apply(_ part: FilePart) throws(TokenizerError) {
    var (before, after, isBehind): ([Int], [Int], Bool) = ([], [], false)
    for piece in try part.required("single", "a list").list() {
      if let sequence = piece["Sequence"] {
        guard !isBehind, try sequence.required("id", "A").string() == "A" else {
          throw .unsupported(piece.path, "is not the one text A")
        }
        isBehind = true
      } else {
        let ids = try ids(of: piece.required("SpecialToken", "a special token or a text"), in: part)
        if isBehind { after += ids } else { before += ids }
      }
    }
    guard isBehind else { throw .unsupported("\(part.path).single", "has no place for the text") }
    self.before = before + self.before
    self.after += after
    guard self.before.count + self.after.count <= Limits.templateTokens else {
      throw .tooMany("special tokens around a text", limit: Limits.templateTokens)
    }
  }

  private func ids(of piece: FilePart, in part: FilePart) throws(TokenizerError) -> [Int] {
    let name = try piece.required("id", "a text").string()
    let tokens = try part.required("special_tokens", "an object")
    guard case .object(let members) = tokens.value,
      // A dictionary finds equivalent names as well, such as é in its two spellings.
      let key = members.keys.first(where: { $0.utf8.elementsEqual(name.utf8) }), let token = tokens[key]
    else { throw .unsupported(piece.path, "names a token that special_tokens does not have") }
    var ids: [Int] = []
    for id in try token.required("ids", "a list").list() { ids.append(try id.integer(in: 0...(Limits.tokenIDs - 1))) }
    return ids
  }
}
