/// Writes JSON text. It is compact and in the order of the calls, so that equal calls give equal bytes.
struct JSONWriter {
  private(set) var text: [UInt8] = []
  private var needsComma = false

  /// - Parameter expectedBytes: The approximate length of the text. Without it, the text must grow, and is
  ///   then in memory up to three times.
  init(expectedBytes: Int = 0) { text.reserveCapacity(expectedBytes) }

  mutating func object(_ members: (inout JSONWriter) -> Void) {
    bracketed(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
  }

  mutating func array(_ elements: (inout JSONWriter) -> Void) {
    bracketed(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
  }

  mutating func key(_ key: String) {
    string(key)
    text.append(UInt8(ascii: ":"))
    needsComma = false
  }

  mutating func member(_ name: String, _ value: String) {
    key(name)
    string(value)
  }

  mutating func member(_ name: String, _ value: Int) {
    key(name)
    integer(value)
  }

  mutating func integers(_ values: [Int]) {
    array { writer in for value in values { writer.integer(value) } }
  }

  mutating func integer(_ value: Int) {
    separate()
    text.append(contentsOf: String(value).utf8)
  }

  mutating func null() { raw(Array("null".utf8)) }

  /// Appends a value that is JSON text already.
  mutating func raw(_ json: [UInt8]) {
    separate()
    text.append(contentsOf: json)
  }

  mutating func string(_ value: String) {
    separate()
    text.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        text.append(UInt8(ascii: "\\"))
        text.append(byte)
      case 0x00..<0x20:
        let hex = String(byte, radix: 16)
        text.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }

  private mutating func bracketed(
    _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void
  ) {
    separate()
    text.append(open)
    needsComma = false
    body(&self)
    text.append(close)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { text.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}
