extension JSONReader {
  /// The name of what stands at ``offset``, when it is something that people or other programs write but that
  /// is not JSON; nil otherwise.
  var foreign: String? {
    switch text[offset] {
    case UInt8(ascii: "'"): return "single quotes"
    case UInt8(ascii: "#"): return "a comment"
    case UInt8(ascii: "/"):
      let next = offset + 1 < text.count ? text[offset + 1] : 0
      return next == UInt8(ascii: "/") || next == UInt8(ascii: "*") ? "a comment" : nil
    case UInt8(ascii: "+"): return "a plus sign"
    case UInt8(ascii: "."): return "a number without a digit before its point"
    case UInt8(ascii: "]"), UInt8(ascii: "}"): return isBehindComma ? "nothing behind the comma" : nil
    case 0xEF where text[offset...].starts(with: [0xEF, 0xBB, 0xBF]): return "a byte order mark"
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      return "the word “\(word)”"
    default: return nil
    }
  }

  private var isBehindComma: Bool {
    text[..<offset].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: ",")
  }

  private static let longestWord = 24

  private var word: String {
    let letters = text[offset...].prefix(Self.longestWord).prefix {
      $0 < 0x80 && (Character(Unicode.Scalar($0)).isLetter || $0 == UInt8(ascii: "_"))
    }
    return String(decoding: letters, as: UTF8.self)
  }
}
