extension JSONReader {
  /// Reads a whole number of at most 63 bits. `1e3` and `1.0` do not count as whole numbers.
  /// - Throws: ``FormatError/json(_:offset:)``.
  package mutating func readInteger() throws(FormatError) -> Int {
    let at = offset
    switch try readNumber() {
    case .integer(let value): return value
    case .large, .number: throw .json(.expected("a whole number of at most 63 bits"), offset: at)
    }
  }

  package enum Number: Sendable {
    case integer(Int), number(Double)
    /// A whole number of more than 63 bits: its sign and digits.
    case large(String)
  }

  package mutating func readNumber() throws(FormatError) -> Number {
    skipSpace()
    if dialect == .python, let value = pythonConstant() { return .number(value) }
    let start = offset
    if peekByte == UInt8(ascii: "-") { offset += 1 }
    let digits = offset
    skipDigits()
    let leadingZero = digits < text.count && text[digits] == UInt8(ascii: "0")
    guard offset > digits, !(leadingZero && offset > digits + 1) else { throw fail(.badNumber) }
    var isWhole = true
    if peekByte == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      let fraction = offset
      skipDigits()
      guard offset > fraction else { throw fail(.badNumber) }
    }
    if peekByte == UInt8(ascii: "e") || peekByte == UInt8(ascii: "E") {
      isWhole = false
      offset += 1
      if peekByte == UInt8(ascii: "+") || peekByte == UInt8(ascii: "-") { offset += 1 }
      let exponent = offset
      skipDigits()
      guard offset > exponent else { throw fail(.badNumber) }
    }
    let spelled = String(decoding: text[start..<offset], as: UTF8.self)
    if isWhole, let value = Int(spelled) { return .integer(value) }
    guard let value = Double(spelled), value.isFinite || dialect == .python else {
      throw .json(.badNumber, offset: start)
    }
    return isWhole ? .large(spelled) : .number(value)
  }

  /// Reads one of Python's numbers without digits; nil, with nothing consumed, when there is none.
  private mutating func pythonConstant() -> Double? {
    if literal("NaN") { return .nan }
    if literal("Infinity") { return .infinity }
    return literal("-Infinity") ? -.infinity : nil
  }

  private mutating func skipDigits() {
    while offset < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[offset]) {
      offset += 1
    }
  }
}
