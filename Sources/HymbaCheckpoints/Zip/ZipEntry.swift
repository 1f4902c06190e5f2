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
}
