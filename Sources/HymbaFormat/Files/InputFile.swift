import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A regular file that is open for reading by position. It is closed when the last reference goes.
///
/// Reads go through `pread` into the caller's buffer. A memory map is not used: it would count every touched
/// page as resident, and would trap when the file is cut short while it is open.
package final class InputFile: Sendable {
  package let path: String
  package let byteCount: Int
  private let descriptor: FileDescriptor

  /// Opens the file at `path`. Symbolic links are followed.
  /// - Throws: ``FormatError/notFound``, ``FormatError/linkLeadsNowhere(_:)``, ``FormatError/linkLoop``,
  ///   ``FormatError/isFolder``, ``FormatError/notARegularFile``, ``FormatError/cannotRead(_:)``.
  package init(_ path: String) throws(FormatError) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        FilePath(path), .readOnly, options: [.nonBlocking, .closeOnExec])
    } catch let error {
      throw FormatError(opening: error, at: path)
    }
    let status: stat
    do throws(FormatError) {
      status = try Self.status(of: descriptor)
      let type = status.st_mode & S_IFMT
      guard type == S_IFREG else { throw type == S_IFDIR ? .isFolder : .notARegularFile }
    } catch {
      try? descriptor.close()
      throw error
    }
    self.path = path
    self.byteCount = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { try? descriptor.close() }

  /// Fills `buffer` from byte `offset` of the file on.
  /// - Throws: ``FormatError/endsEarly(offset:wanted:fileBytes:)`` or ``FormatError/cannotRead(_:)``.
  package func read(at offset: Int, into buffer: inout MutableRawSpan) throws(FormatError) {
    let wanted = buffer.byteCount
    guard offset >= 0, offset <= byteCount, wanted <= byteCount - offset else {
      throw .endsEarly(offset: offset, wanted: wanted, fileBytes: byteCount)
    }
    let done: Int
    do {
      done = try descriptor.read(at: offset, into: &buffer)
    } catch let error {
      throw .cannotRead("\(error)")
    }
    // The file shrank after it was opened.
    guard done == wanted else {
      throw .endsEarly(offset: offset, wanted: wanted, fileBytes: offset + done)
    }
  }

  /// A small range as an array. The caller has checked `count` against a limit.
  /// - Throws: ``FormatError/endsEarly(offset:wanted:fileBytes:)`` or ``FormatError/cannotRead(_:)``.
  package func bytes(at offset: Int, count: Int) throws(FormatError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
      throw .endsEarly(offset: offset, wanted: count, fileBytes: byteCount)
    }
    return try [UInt8](count: count) { bytes throws(FormatError) in
      try read(at: offset, into: &bytes)
    }
  }

  /// The whole contents of a small file, such as a configuration.
  /// - Throws: ``FormatError/cannotRead(_:)`` when the file is larger than `limit`, and the errors of opening
  ///   and reading it.
  package static func contents(of path: String, limit: Int) throws(FormatError) -> [UInt8] {
    let file = try InputFile(path)
    guard file.byteCount <= limit else {
      throw .cannotRead("it has \(file.byteCount) bytes, and at most \(limit) are accepted here")
    }
    return try file.bytes(at: 0, count: file.byteCount)
  }

  private static func status(of descriptor: FileDescriptor) throws(FormatError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else {
      throw .cannotRead("\(Errno(rawValue: errno))")
    }
    return status
  }
}
