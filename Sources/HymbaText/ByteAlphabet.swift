/// The letters that stand for bytes in models of bytes. Printable bytes of Latin-1 stand for themselves, and the others
/// for letters from U+0100 on, so that every token is printable: a space is `Ġ`.
enum ByteAlphabet {
  private static let letters: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { next += 1 }
        return Unicode.Scalar(next) ?? "?"
      }
    }
  }()

  private static let utf8 = letters.map { Array(String($0).utf8) }
  private static let bytes = Dictionary(
    uniqueKeysWithValues: zip(letters.map(\.value), 0...UInt8.max))

  /// The letters of bytes, as UTF-8.
  static func text(of bytes: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes { text += utf8[Int(byte)] }
    return text
  }

  /// The bytes of a token; nil when it has another letter.
  static func bytes(of token: String) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar.value] else { return nil }
      result.append(byte)
    }
    return result
  }
}
