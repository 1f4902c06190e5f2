/// Writes the Erlang External Term Format; every function gives the bytes of one value.
enum Erlang {
  static let emptyList: [UInt8] = [106]

  /// The encoding of OTP 26 and later.
  static func atom(_ name: String) -> [UInt8] { [119, UInt8(name.utf8.count)] + Array(name.utf8) }

  /// The encoding of OTP 25 and earlier.
  static func oldAtom(_ name: String) -> [UInt8] {
    [100] + bigEndian(name.utf8.count, 2) + Array(name.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] {
    if (0..<256).contains(value) { return [97, UInt8(value)] }
    if let small = Int32(exactly: value) {
      return [98] + bigEndian(Int(UInt32(bitPattern: small)), 4)
    }
    return [110, 8, value < 0 ? 1 : 0] + bigEndian(Int(value.magnitude), 8).reversed()
  }

  static func float(_ value: Double) -> [UInt8] {
    [70] + (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (56 - 8 * $0)) }
  }

  static func binary(_ text: String) -> [UInt8] { binary(Array(text.utf8)) }
  static func binary(_ bytes: [UInt8]) -> [UInt8] { [109] + bigEndian(bytes.count, 4) + bytes }

  static func tuple(_ elements: [UInt8]...) -> [UInt8] { tuple(elements) }
  static func tuple(_ elements: [[UInt8]]) -> [UInt8] {
    [104, UInt8(elements.count)] + elements.joined()
  }

  static func list(_ elements: [UInt8]...) -> [UInt8] { list(elements) }
  static func list(_ elements: [[UInt8]]) -> [UInt8] {
    elements.isEmpty
      ? emptyList : [108] + bigEndian(elements.count, 4) + elements.joined() + emptyList
  }

  static func map(_ pairs: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    [116] + bigEndian(pairs.count, 4) + pairs.flatMap { $0.key + $0.value }
  }

  static func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }
}
