/// The last steps of decoding: the one that makes one token of all, and those behind it.
///
/// Most files have nothing behind it, or a step that strips characters. With any other step the whole text is held back,
/// because such a step may look at all of it.
struct Ending {
  private enum Kind {
    /// Text as it comes.
    case plain
    /// Text whose first and last characters may be stripped.
    case stripped(Unicode.Scalar, start: Int, stop: Int)
    case whole([DecodingStep])
  }

  private let kind: Kind
  private let isByteLevel: Bool
  private var bytes: [UInt8] = []
  /// How many characters may still be stripped at the beginning; zero as soon as there is another one.
  private var start = 0
  /// The characters at the end that may be stripped.
  private var tail = ""
  private var wholeTokens: [String] = []

  /// - Parameter steps: None, or the joining step and those behind it.
  init(_ steps: ArraySlice<DecodingStep>) {
    isByteLevel = if case .byteLevel? = steps.first { true } else { false }
    switch steps.dropFirst().first {
    case nil: kind = .plain
    case .strip(let scalar, let start, let stop)? where steps.count == 2:
      kind = .stripped(scalar, start: start, stop: stop)
      self.start = start
    default: kind = .whole(Array(steps))
    }
  }

  mutating func take(_ token: String) -> String {
    if case .whole = kind {
      wholeTokens.append(token)
      return ""
    }
    guard isByteLevel else { return strip(token) }
    bytes += ByteAlphabet.bytes(of: token) ?? Array(token.utf8)
    let ready = bytes.count - UnfinishedCharacter.length(atEndOf: bytes)
    defer { bytes.removeFirst(ready) }
    return strip(String(decoding: bytes[..<ready], as: UTF8.self))
  }

  mutating func finish() -> String {
    if case .whole(let steps) = kind { return Self.text(of: wholeTokens, steps) }
    let rest = strip(String(decoding: bytes, as: UTF8.self))
    guard case .stripped(let scalar, _, let stop) = kind else { return rest }
    var scalars = tail.unicodeScalars[...]
    for _ in 0..<stop where scalars.last == scalar { scalars.removeLast() }
    return rest + String(scalars)
  }

  /// Strips the beginning, and holds back an end that may be stripped.
  private mutating func strip(_ text: String) -> String {
    guard case .stripped(let scalar, _, let stop) = kind else { return text }
    var scalars = text.unicodeScalars[...]
    while start > 0, let first = scalars.first {
      guard first == scalar else {
        start = 0
        break
      }
      scalars.removeFirst()
      start -= 1
    }
    guard stop > 0 else { return String(scalars) }
    tail += String(scalars)
    var end = tail.unicodeScalars[...]
    for _ in 0..<stop where end.last == scalar { end.removeLast() }
    defer { tail = String(tail.unicodeScalars[end.endIndex...]) }
    return String(end)
  }

  private static func text(of tokens: [String], _ steps: [DecodingStep]) -> String {
    var tokens = tokens
    for step in steps {
      var running = RunningStep(step)
      let taken = tokens.flatMap { running.take($0) }
      tokens = taken + running.finish()
    }
    return tokens.joined()
  }
}

/// The beginning of a character of which bytes are still to come.
enum UnfinishedCharacter {
  /// The number of bytes at the end that begin a character and do not complete it.
  static func length(atEndOf bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let byte = bytes[bytes.count - length]
      if byte & 0xC0 == 0x80 { continue }
      let needed = byte < 0xC2 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 1
      guard length < needed else { return 0 }
      // Some second bytes belong to no character. What begins with them is wrong already.
      if length > 1 {
        let second = bytes[bytes.count - length + 1]
        switch byte {
        case 0xE0 where second < 0xA0, 0xED where second >= 0xA0, 0xF0 where second < 0x90, 0xF4 where second >= 0x90:
          return 0
        default: break
        }
      }
      return length
    }
    return 0
  }
}
