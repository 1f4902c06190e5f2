/// What is looked for in a text.
enum Pattern: Sendable {
  /// These bytes, which are not empty.
  case text([UInt8])
  case expression(RegularExpression)

  /// The matches in a text that is UTF-8, in order. They do not overlap.
  /// - Throws: ``TokenizerError/patternTakesTooLong(_:)``.
  func matches(in text: [UInt8]) throws(TokenizerError) -> [Range<Int>] {
    switch self {
    case .text(let part): Self.places(of: part, in: text)
    case .expression(let expression): try expression.matches(in: text)
    }
  }

  /// The places of a part in a text, in order. They do not overlap.
  static func places(of part: [UInt8], in text: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = 0
    while start + part.count <= text.count {
      if text[start] == part[0], text[start..<(start + part.count)].elementsEqual(part) {
        found.append(start..<(start + part.count))
        start += part.count
      } else {
        start += 1
      }
    }
    return found
  }

  /// The text with each of the places replaced.
  static func replacing(_ matches: [Range<Int>], in text: [UInt8], with content: [UInt8]) -> [UInt8] {
    guard !matches.isEmpty else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var start = 0
    for match in matches {
      result += text[start..<match.lowerBound]
      result += content
      start = match.upperBound
    }
    return result + text[start...]
  }
}
