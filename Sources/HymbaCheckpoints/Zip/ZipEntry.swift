/// One entry of a zip archive, as its central directory describes it.
struct ZipEntry: Sendable {
  let name: String
  /// Position in the archive's directory.
  let index: Int
  /// Bytes of its content.
  let byteCount: Int
  /// Bytes that it takes in the file.
  let storedBytes: Int
  /// CRC-32 of its content.
  let checksum: UInt32
  let method: Method

  enum Method: Sendable {
    /// As it is: any range can be read.
    case stored
    case deflated
  }

  /// The share of ``storedBytes`` that `count` bytes of the content have; all of them for a view that repeats
  /// some.
  func storedBytes(of count: Int) -> Int {
    guard count < byteCount else { return storedBytes }
    // The product may take 128 bits; the quotient is less than `storedBytes`.
    return byteCount.dividingFullWidth(storedBytes.multipliedFullWidth(by: count)).quotient
  }
}
