/// One entry of a zip archive, as its central directory describes it.
struct ZipEntry: Sendable {
  let name: String
  /// Position of the entry in the archive's directory.
  let index: Int
  /// Bytes of the uncompressed content.
  let byteCount: Int
  /// Bytes that the content takes in the file.
  let storedBytes: Int
  /// CRC-32 of the uncompressed content.
  let checksum: UInt32
  let method: Method

  /// How the content is compressed, by the numbers of the zip format.
  enum Method: Int32, Sendable {
    /// Not compressed: any range can be read directly.
    case stored = 0
    case deflated = 8
    /// Supported only when libzip was built with bzip2.
    case bzip2 = 12
  }

  /// Bytes of the file for `count` bytes of the content: a proportional share of ``storedBytes``. A view that
  /// repeats elements can have more bytes than the content; it gets all of ``storedBytes``.
  func storedBytes(of count: Int) -> Int {
    guard count < byteCount else { return storedBytes }
    // The product may take 128 bits. The quotient fits, as it is less than `storedBytes`.
    return byteCount.dividingFullWidth(storedBytes.multipliedFullWidth(by: count)).quotient
  }
}
