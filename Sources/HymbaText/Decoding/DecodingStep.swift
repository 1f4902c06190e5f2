/// One step from tokens to text. Tokens come one by one, because text is shown while it is generated.
enum DecodingStep: Sendable {
  case replace([UInt8], with: [UInt8])
  case metaspace(Metaspace)
  case byteFallback
  /// Takes characters from the two ends of a token, as many as they are there and not more than given.
  case strip(Unicode.Scalar, start: Int, stop: Int)
  /// Makes one token of all.
  case fuse
  /// Makes one text of the bytes that the letters of all tokens stand for.
  case byteLevel

  /// Whether the step makes one token of all.
  var joins: Bool {
    switch self {
    case .fuse, .byteLevel: true
    default: false
    }
  }
}

/// A step with what it holds back of the tokens that it was given.
struct RunningStep {
  private let step: DecodingStep
  private var isFirst = true
  private var bytes: [UInt8] = []

  init(_ step: DecodingStep) { self.step = step }

  /// Gives the step its next token.
  /// - Returns: The tokens for the next step.
  mutating func take(_ token: String) -> [String] {
    defer { isFirst = false }
    switch step {
    case .replace(let part, let content): return [Self.replacing(part, in: token, with: content)]
    case .metaspace(let space):
      // Of the first token every mark goes, as in the package, because it was put there.
      let content = isFirst && space.prepending != .never ? [] : [UInt8(ascii: " ")]
      return [Self.replacing(space.mark, in: token, with: content)]
    case .byteFallback:
      guard let byte = ByteToken.byte(of: token) else { return run() + [token] }
      bytes.append(byte)
      return []
    case .strip(let scalar, let start, let stop): return [Self.stripped(token, scalar, start, stop)]
    case .fuse:
      bytes += token.utf8
      return []
    case .byteLevel:
      bytes += ByteAlphabet.bytes(of: token) ?? Array(token.utf8)
      return []
    }
  }

  /// Ends the step.
  /// - Returns: What it held back.
  mutating func finish() -> [String] {
    switch step {
    case .byteFallback: return run()
    case .fuse, .byteLevel: return [String(decoding: bytes, as: UTF8.self)]
    default: return []
    }
  }

  /// The text of the bytes that stand in a row. When they are not UTF-8 as a whole, each becomes U+FFFD.
  private mutating func run() -> [String] {
    guard !bytes.isEmpty else { return [] }
    defer { bytes = [] }
    if let text = String(validating: bytes, as: UTF8.self) { return [text] }
    return bytes.map { _ in "\u{FFFD}" }
  }

  private static func replacing(_ part: [UInt8], in token: String, with content: [UInt8]) -> String {
    let text = Array(token.utf8)
    let result = Pattern.replacing(Pattern.places(of: part, in: text), in: text, with: content)
    return String(decoding: result, as: UTF8.self)
  }

  private static func stripped(_ token: String, _ scalar: Unicode.Scalar, _ start: Int, _ stop: Int) -> String {
    var scalars = token.unicodeScalars[...]
    for _ in 0..<start where scalars.first == scalar { scalars.removeFirst() }
    for _ in 0..<stop where scalars.last == scalar { scalars.removeLast() }
    return String(scalars)
  }
}
