/// A pull parser of a JSON text, with a limit on nested levels.
///
/// A general decoder builds a tree first. For a header of 100 000 tensors that alone takes longer than a user
/// waits, so headers and manifests are read straight into their own types.
///
/// Every method that reads throws ``FormatError/json(_:offset:)`` when the text has something else.
package struct JSONReader {
  let text: [UInt8]
  let dialect: JSONDialect
  /// The number of bytes that were consumed so far.
  package internal(set) var offset = 0
  private var depth = 0
  /// The keys that an object has more than once. Only ``JSONDialect/python`` allows them.
  package private(set) var repeatedKeys: [String] = []

  /// - Throws: ``FormatError/json(_:offset:)`` when the text is not UTF-8.
  /// - Complexity: O(*n*): checks the whole text for UTF-8.
  package init(_ text: [UInt8], _ dialect: JSONDialect = .strict) throws(FormatError) {
    do {
      _ = try UTF8Span(validating: text.span)
    } catch {
      throw .json(.notUTF8, offset: error.byteOffsets.lowerBound)
    }
    self.text = text
    self.dialect = dialect
    if dialect == .python, text.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  package enum Kind: Sendable { case object, array, string, number, bool, null }

  /// The kind of the next value, without consuming it.
  package mutating func peek() throws(FormatError) -> Kind {
    skipSpace()
    guard offset < text.count else { throw fail(.unexpectedEnd) }
    switch text[offset] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: break
    }
    if isAt("true") || isAt("false") { return .bool }
    if isAt("null") { return .null }
    if dialect == .python, isAt("NaN") || isAt("Infinity") { return .number }
    throw fail(.expected("a value"))
  }

  /// Reads an object. `member` is called with each key, and must consume its value.
  package mutating func readObject(
    _ member: (inout JSONReader, String) throws(FormatError) -> Void
  ) throws(FormatError) {
    try open(UInt8(ascii: "{"), "an object")
    if close(UInt8(ascii: "}")) { return }
    var keys = KeySet()
    repeat {
      let at = offset
      let key = try readString()
      if !keys.insert(key) {
        guard dialect == .python else { throw .json(.duplicateKey(key), offset: at) }
        repeatedKeys.append(key)
      }
      try expect(UInt8(ascii: ":"), "“:”")
      try member(&self, key)
    } while try continues(closing: UInt8(ascii: "}"), "“,” or “}”")
  }

  /// Reads an array. `element` is called for each element, and must consume it.
  package mutating func readArray(
    _ element: (inout JSONReader) throws(FormatError) -> Void
  ) throws(FormatError) {
    try open(UInt8(ascii: "["), "an array")
    if close(UInt8(ascii: "]")) { return }
    repeat {
      try element(&self)
    } while try continues(closing: UInt8(ascii: "]"), "“,” or “]”")
  }

  package mutating func readBool() throws(FormatError) -> Bool {
    skipSpace()
    if literal("true") { return true }
    if literal("false") { return false }
    throw fail(.expected("true or false"))
  }

  package mutating func readNull() throws(FormatError) {
    skipSpace()
    guard literal("null") else { throw fail(.expected("null")) }
  }

  package mutating func readString() throws(FormatError) -> String {
    skipSpace()
    guard peekByte == UInt8(ascii: "\"") else { throw fail(.expected("a string")) }
    offset += 1
    let start = offset
    while offset < text.count {
      let byte = text[offset]
      if byte == UInt8(ascii: "\"") {
        let string = text[start..<offset]
        offset += 1
        return try Self.string(string, at: start - 1)
      }
      guard byte >= 0x20 else { throw fail(.badEscape) }
      if byte == UInt8(ascii: "\\") { return try readEscapedString(from: start) }
      offset += 1
    }
    throw fail(.unexpectedEnd)
  }

  /// Consumes the next value, of any kind.
  package mutating func skipValue() throws(FormatError) {
    switch try peek() {
    case .object: try readObject { reader, _ throws(FormatError) in try reader.skipValue() }
    case .array: try readArray { reader throws(FormatError) in try reader.skipValue() }
    case .string: _ = try readString()
    case .number: _ = try readNumber()
    case .bool: _ = try readBool()
    case .null: try readNull()
    }
  }

  /// Consumes the next value, of any kind, and returns its text.
  package mutating func readRawValue() throws(FormatError) -> [UInt8] {
    skipSpace()
    let start = offset
    try skipValue()
    return Array(text[start..<offset])
  }

  /// Makes sure that only white space is left.
  /// - Throws: ``FormatError/json(_:offset:)`` when there is more text.
  package mutating func finish() throws(FormatError) {
    skipSpace()
    guard offset == text.count else { throw fail(.trailingText) }
  }
}

extension JSONReader {
  var peekByte: UInt8? { offset < text.count ? text[offset] : nil }

  func fail(_ problem: JSONProblem) -> FormatError {
    guard offset < text.count else { return .json(.unexpectedEnd, offset: offset) }
    if case .expected(let what) = problem, let found = foreign {
      return .json(.found(found, insteadOf: what), offset: offset)
    }
    return .json(problem, offset: offset)
  }

  mutating func skipSpace() {
    while offset < text.count {
      switch text[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  mutating func literal(_ word: StaticString) -> Bool {
    guard isAt(word) else { return false }
    offset += word.utf8CodeUnitCount
    return true
  }

  private func isAt(_ word: StaticString) -> Bool {
    text[offset...].starts(with: word.description.utf8)
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(FormatError) {
    skipSpace()
    guard peekByte == byte else { throw fail(.expected(what)) }
    offset += 1
  }

  private mutating func open(_ byte: UInt8, _ what: String) throws(FormatError) {
    try expect(byte, what)
    depth += 1
    guard depth <= Limits.jsonDepth else { throw fail(.tooDeep) }
  }

  private mutating func close(_ byte: UInt8) -> Bool {
    skipSpace()
    guard peekByte == byte else { return false }
    offset += 1
    depth -= 1
    return true
  }

  private mutating func continues(closing byte: UInt8, _ what: String) throws(FormatError) -> Bool {
    if close(byte) { return false }
    try expect(UInt8(ascii: ","), what)
    return true
  }
}

/// The keys of one object. They are a list while there are few, and a set from then on.
private struct KeySet {
  private var few: [NameKey] = []
  private var many: Set<NameKey> = []

  /// Adds a key.
  /// - Returns: Whether the key is new.
  mutating func insert(_ name: String) -> Bool {
    let key = NameKey(name)
    if few.count < 12 {
      guard !few.contains(key) else { return false }
      few.append(key)
      if few.count == 12 { many = Set(few) }
      return true
    }
    return many.insert(key).inserted
  }
}
