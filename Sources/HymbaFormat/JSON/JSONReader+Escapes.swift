extension JSONReader {
  /// The string of bytes that are known to be UTF-8. `place` is its offset in the text, in bytes.
  static func string(
    _ bytes: ArraySlice<UInt8>, at place: Int
  ) throws(FormatError) -> String {
    let string = String(decoding: bytes, as: UTF8.self)
    guard !string.hasTooManyMarks else { throw .json(.tooManyMarks, offset: place) }
    return string
  }

  /// The slow path of ``readString()``: reads on from the first backslash.
  /// - Parameter start: The offset of the string's first character.
  mutating func readEscapedString(from start: Int) throws(FormatError) -> String {
    var bytes = Array(text[start..<offset])
    while offset < text.count {
      let byte = text[offset]
      offset += 1
      if byte == UInt8(ascii: "\"") { return try Self.string(bytes[...], at: start - 1) }
      guard byte >= 0x20 else { throw fail(.badEscape) }
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard offset < text.count else { break }
      let escape = text[offset]
      offset += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escape)
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"): bytes.append(contentsOf: String(try readUnicodeEscape()).utf8)
      default: throw fail(.badEscape)
      }
    }
    throw fail(.unexpectedEnd)
  }

  private mutating func readUnicodeEscape() throws(FormatError) -> Unicode.Scalar {
    let unit = try readHexUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    if let scalar = try readSecondHalf(of: unit) { return scalar }
    guard dialect == .python else { throw fail(.loneSurrogate) }
    return "\u{FFFD}"
  }

  /// The character of a surrogate pair whose first half is `high`, when the escape of the second half follows.
  /// When it does not, the result is nil and nothing is consumed.
  private mutating func readSecondHalf(of high: UInt16) throws(FormatError) -> Unicode.Scalar? {
    guard (0xD800..<0xDC00).contains(high), offset + 1 < text.count,
      text[offset] == UInt8(ascii: "\\"), text[offset + 1] == UInt8(ascii: "u")
    else { return nil }
    let start = offset
    offset += 2
    let low = try readHexUnit()
    guard (0xDC00..<0xE000).contains(low) else {
      offset = start
      return nil
    }
    return Unicode.Scalar(0x10000 + ((UInt32(high) - 0xD800) << 10) + (UInt32(low) - 0xDC00))
  }

  private mutating func readHexUnit() throws(FormatError) -> UInt16 {
    guard offset + 4 <= text.count else { throw fail(.unexpectedEnd) }
    var unit: UInt16 = 0
    for byte in text[offset..<offset + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw fail(.badEscape)
      }
      unit = unit << 4 | UInt16(digit)
    }
    offset += 4
    return unit
  }
}
