/// Bytes as Python writes them, `b'gr\\xf6n'`: what to type for a name that is no text.
func pythonLiteral(_ bytes: [UInt8]) -> String {
  let parts = bytes.map { byte in
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
    case 0x20..<0x7F: String(Unicode.Scalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return "b'" + parts.joined() + "'"
}
