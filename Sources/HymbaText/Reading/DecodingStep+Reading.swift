import HymbaFormat

extension DecodingStep {
  /// - Throws: ``TokenizerError``.
  init(_ part: FilePart) throws(TokenizerError) {
    let kind = try part.kind()
    switch kind {
    case "ByteLevel": self = .byteLevel
    case "Metaspace": self = .metaspace(try Metaspace(part))
    case "ByteFallback": self = .byteFallback
    case "Fuse": self = .fuse
    case "Strip":
      let content = try part.required("content", "one character").scalar()
      let characters = 0...Limits.strippedCharacters
      self = .strip(
        content, start: try part.required("start", "a number").integer(in: characters),
        stop: try part.required("stop", "a number").integer(in: characters))
    case "Replace":
      let pattern = try part.required("pattern", "a pattern")
      guard case .text(let text) = try Pattern(pattern) else {
        throw .unsupported(pattern.path, "is a regular expression, which is read in normalizers and pre-tokenizers alone")
      }
      let content = try part.required("content", "a text").insertedText()
      // Steps that make a token longer could multiply it again and again.
      guard content.count <= text.count else { throw .unsupported(part.path, "makes the text longer") }
      self = .replace(text, with: content)
    default: throw .unknownKind(part: "decoder", kind)
    }
  }
}
