import HymbaFormat

/// How a text is changed before it is split.
struct Normalizer: Sendable {
  /// In the order in which they are applied.
  let steps: [NormalizingStep]

  /// - Parameter text: UTF-8.
  /// - Throws: ``TokenizerError/patternTakesTooLong(_:)``, and ``TokenizerError/tooMany(_:limit:)`` for a text that grows
  ///   beyond all measure: steps can be made to multiply it again and again.
  func normalized(_ text: [UInt8]) throws(TokenizerError) -> [UInt8] {
    let limit = Limits.normalizedBytes(of: text.count)
    var text = text
    for step in steps { text = try step.applied(to: text, limit: limit) }
    return text
  }
}

/// One change of a text before it is split.
enum NormalizingStep: Sendable {
  case prepend([UInt8])
  case replace(Pattern, with: [UInt8])
  case unicode(UnicodeForm)
  case lowercase
  case strip(left: Bool, right: Bool)
  case stripAccents

  fileprivate func applied(to text: [UInt8], limit: Int) throws(TokenizerError) -> [UInt8] {
    switch self {
    case .prepend(let content): return text.isEmpty ? text : content + text
    case .replace(let pattern, let content):
      let matches = try pattern.matches(in: text)
      guard text.count + matches.count * content.count <= limit else {
        throw .tooMany("bytes of normalized text", limit: limit)
      }
      return Pattern.replacing(matches, in: text, with: content)
    case .unicode(let form): return try form.applied(to: text)
    case .lowercase:
      return Array(
        String(decoding: text, as: UTF8.self).unicodeScalars.map(\.properties.lowercaseMapping).joined().utf8)
    case .strip(let left, let right): return Self.stripped(text, left, right)
    case .stripAccents:
      var kept = String.UnicodeScalarView()
      kept.append(contentsOf: String(decoding: text, as: UTF8.self).unicodeScalars.filter { !$0.isAccent })
      return Array(String(kept).utf8)
    }
  }

  private static func stripped(_ text: [UInt8], _ left: Bool, _ right: Bool) -> [UInt8] {
    var scalars = String(decoding: text, as: UTF8.self).unicodeScalars[...]
    if left { scalars = scalars.drop { $0.properties.isWhitespace } }
    if right { while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() } }
    return Array(String(scalars).utf8)
  }
}
