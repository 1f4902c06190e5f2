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

  /// How the content is stored, by the numbers of the zip format.
  enum Method: Int32, Sendable {
    /// As it is: any range can be read.
    case stored = 0
    case deflated = 8
    /// Only where libzip was built with it.
    case bzip2 = 12
  }

  /// The share of ``storedBytes`` that `count` bytes of the content have; all of them for a view that repeats
  /// some.
  func storedBytes(of count: Int) -> Int {
    guard count < byteCount else { return storedBytes }
    // The product may take 128 bits; the quotient is less than `storedBytes`.
    return byteCount.dividingFullWidth(storedBytes.multipliedFullWidth(by: count)).quotient
  }
}
