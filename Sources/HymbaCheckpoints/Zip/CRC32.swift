import CZlib

/// The checksum of zip archives.
enum CRC32 {
  /// The corresponding C function is `crc32`, which counts in 32 bits.
  static func of(_ bytes: RawSpan) -> UInt32 {
    var checksum: UInt = 0
    var done = 0
    while done < bytes.byteCount {
      let part = bytes.extracting(done..<min(bytes.byteCount, done + 1 << 30))
      // Reads within the part and keeps nothing of it.
      checksum = unsafe part.withUnsafeBytes { part in
        unsafe crc32(
          checksum, part.baseAddress?.assumingMemoryBound(to: Bytef.self), UInt32(part.count))
      }
      done += part.byteCount
    }
    return UInt32(truncatingIfNeeded: checksum)
  }

  /// The checksum of two pieces from theirs. The corresponding C function is `crc32_combine`.
  static func combine(_ first: UInt32, _ second: UInt32, byteCount: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), byteCount))
  }
}
