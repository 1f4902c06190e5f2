import SystemPackage

extension FileDescriptor {
  /// Fills `buffer` from byte `offset` of the file on, with as many calls of `pread` as it takes.
  /// - Returns: The number of bytes read. It is less than the size of `buffer` if the file ends before.
  /// - Throws: `Errno`.
  func read(at offset: Int, into buffer: inout MutableRawSpan) throws -> Int {
    var done = 0
    while done < buffer.byteCount {
      let count = try unsafe buffer.withUnsafeMutableBytes { bytes in
        // The slice is within the buffer, and the call writes no further than its end.
        try unsafe read(
          fromAbsoluteOffset: Int64(offset + done),
          into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
      }
      guard count > 0 else { break }
      done += count
    }
    return done
  }
}
