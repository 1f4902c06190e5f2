/// The characters of UTF-8 text with the bytes that each takes.
struct Scalars: IteratorProtocol {
  private let text: [UInt8]
  private var offset = 0

  /// The number of bytes of the character at an offset; one at the end of the text.
  static func length(in text: [UInt8], at offset: Int) -> Int {
    guard offset < text.count else { return 1 }
    let first = text[offset]
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }

  /// - Precondition: `text` is UTF-8.
  init(_ text: [UInt8]) { self.text = text }

  mutating func next() -> (scalar: Unicode.Scalar, range: Range<Int>)? {
    guard offset < text.count else { return nil }
    let start = offset
    let first = text[start]
    if first < 0x80 {
      offset += 1
      return (Unicode.Scalar(first), start..<offset)
    }
    let count = Self.length(in: text, at: start)
    var value = UInt32(first) & (0xFF >> UInt32(count + 1))
    for byte in text[(start + 1)..<(start + count)] { value = value << 6 | UInt32(byte & 0x3F) }
    offset += count
    return (Unicode.Scalar(value) ?? "\u{FFFD}", start..<offset)
  }
}
