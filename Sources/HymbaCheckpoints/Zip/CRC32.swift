import CZlib

/// CRC-32, the checksum of zip archives.
enum CRC32 {
  /// The CRC-32 of `bytes`. The corresponding C function is `crc32`, which counts in 32 bits.
  static func of(_ bytes: RawSpan) -> UInt32 {
    var checksum: UInt = 0
    var done = 0
    while done < bytes.byteCount {
      let part = bytes.extracting(done..<min(bytes.byteCount, done + 1 << 30))
      // `crc32` reads only within the part, and keeps no pointer to it.
      checksum = unsafe part.withUnsafeBytes { part in
        unsafe crc32(
          checksum, part.baseAddress?.assumingMemoryBound(to: Bytef.self), UInt32(part.count))
      }
      done += part.byteCount
    }
    return UInt32(truncatingIfNeeded: checksum)
  }

  /// The CRC-32 of two pieces in a row, from the CRC-32 of each. The corresponding C function is
  /// `crc32_combine`.
  /// - Parameter byteCount: Length of the second piece.
  static func combine(_ first: UInt32, _ second: UInt32, byteCount: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), byteCount))
  }
}
