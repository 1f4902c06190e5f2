import HymbaFormat

/// A cursor over the bytes of a pickle. Each length is compared with what is left before any bytes are taken.
struct PickleBytes {
  private let bytes: [UInt8]
  private(set) var index: Int

  init(_ bytes: [UInt8], from index: Int = 0) {
    self.bytes = bytes
    self.index = index
  }

  var left: Int { bytes.count - index }

  mutating func byte() throws(PyTorchError) -> UInt8 {
    guard index < bytes.count else { throw .pickle(.endsEarly(wanted: 1, left: 0), at: index) }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func take(_ count: Int) throws(PyTorchError) -> ArraySlice<UInt8> {
    guard count >= 0 else { throw .pickle(.negativeLength, at: index) }
    guard count <= left else { throw .pickle(.endsEarly(wanted: count, left: left), at: index) }
    defer { index += count }
    return bytes[index..<index + count]
  }

  /// Reads a little-endian integer of `count` bytes, at most eight.
  mutating func unsigned(_ count: Int) throws(PyTorchError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads a length that takes `count` bytes. One beyond 63 bits becomes `Int.max`, which is more than is left.
  mutating func length(_ count: Int) throws(PyTorchError) -> Int {
    Int(clamping: try unsigned(count))
  }

  /// Reads a text of `count` bytes; nil when it is not UTF-8.
  mutating func text(_ count: Int) throws(PyTorchError) -> String? {
    let at = index
    guard let text = String(validating: try take(count), as: UTF8.self) else { return nil }
    guard !text.hasTooManyMarks else { throw .pickle(.tooManyMarks, at: at) }
    return text
  }

  /// Reads a name up to the end of its line. Bytes that are not UTF-8 are replaced, so that the name matches no
  /// known one.
  mutating func line() throws(PyTorchError) -> String {
    let at = index
    let reach = bytes[index...].prefix(Limits.pickleGlobalBytes + 1)
    guard let end = reach.firstIndex(of: UInt8(ascii: "\n")) else {
      throw .pickle(
        left > Limits.pickleGlobalBytes
          ? .nameTooLong(limit: Limits.pickleGlobalBytes)
          : .endsEarly(wanted: left + 1, left: left),
        at: at)
    }
    let name = String(decoding: try take(end - at), as: UTF8.self)
    guard !name.hasTooManyMarks else { throw .pickle(.tooManyMarks, at: at) }
    index += 1
    return name
  }
}
