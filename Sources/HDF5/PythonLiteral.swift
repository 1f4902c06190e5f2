/// Bytes as Python writes them, such as `b'gr\xf6n'`. A user can type this for a name that is not text.
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
