import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A file that appears under its name complete or not at all.
///
/// Bytes go to a temporary file in the same folder; ``commit(byteCount:)`` flushes it to the disk and renames
/// it. When the value goes without a commit, the temporary file goes too. A symbolic link of that name is
/// replaced, not followed.
public struct OutputFile: ~Copyable {
  public let path: String
  private let temporary: FilePath
  private let descriptor: FileDescriptor
  private let flush: BackgroundFlush
  private let replace: Bool
  private var isCommitted = false

  /// Creates the temporary file.
  /// - Parameter replace: Whether a file at `path` may be replaced. Without it an existing one is an
  ///   error now, and one that appears meanwhile is an error at ``commit(byteCount:)``.
  /// - Parameter expectedBytes: How long the file will be at most, if that is known: room for it is taken at once,
  ///   which is several times faster than block by block, and what is too much is given back at the end.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  public init(
    _ path: String, replace: Bool, expectedBytes: Int? = nil
  ) throws(FormatError) {
    if !replace && FileSystem.isNameTaken(path) { throw .outputExists }
    if FileSystem.isDirectory(path) { throw .cannotWrite("it is a folder") }
    // A rename would replace a device or a pipe by a file.
    if FileSystem.exists(path), !FileSystem.isRegularFile(path) {
      throw .cannotWrite("it is not a regular file")
    }
    let target = FilePath(path)
    guard let name = target.lastComponent?.string else { throw .cannotWrite("it has no file name") }
    let temporary = target.removingLastComponent()
      .appending(".\(name).\(getpid()).\(String(UInt32.random(in: .min ... .max), radix: 36)).part")
    let descriptor: FileDescriptor
    do {
      descriptor = try UnfinishedFiles.ofThisProcess.adding(temporary.string) {
        try FileDescriptor.open(
          temporary, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
          permissions: [.ownerReadWrite, .groupRead, .otherRead])
      }
    } catch let error {
      throw .cannotWrite("\(error)")
    }
    // Where the file system cannot, or has no room, writing shows it.
    if let expectedBytes, expectedBytes > 0 {
      posix_fallocate(descriptor.rawValue, 0, off_t(expectedBytes))
    }
    self.path = path
    self.temporary = temporary
    self.descriptor = descriptor
    self.flush = BackgroundFlush(descriptor.rawValue)
    self.replace = replace
  }

  deinit {
    flush.wait()
    try? descriptor.close()
    if !isCommitted {
      unsafe unlink(temporary.string)
      UnfinishedFiles.ofThisProcess.remove(temporary.string)
    }
  }

  /// Writes all of `bytes` at byte `offset` of the file.
  public func write(_ bytes: RawSpan, at offset: Int) throws(FormatError) {
    do {
      try unsafe bytes.withUnsafeBytes { buffer in
        for start in stride(from: 0, to: buffer.count, by: Self.pieceBytes) {
          let piece = unsafe buffer[start..<min(start + Self.pieceBytes, buffer.count)]
          _ = try unsafe descriptor.writeAll(
            toAbsoluteOffset: Int64(offset + start), UnsafeRawBufferPointer(rebasing: piece))
        }
      }
    } catch let error {
      throw .cannotWrite("\(error)")
    }
    flush.wrote(bytes.byteCount)
  }

  /// Bytes of one system call: for larger ones the kernel looks for larger pieces of free memory, and writing
  /// two megabytes at a time took three times as long on ext4.
  private static let pieceBytes = 128 << 10

  public func write(_ bytes: [UInt8], at offset: Int) throws(FormatError) {
    try write(bytes.raw, at: offset)
  }

  /// Where the bytes are until the file has its name, to read them again.
  var temporaryPath: String { temporary.string }

  /// Cuts the file to `byteCount` bytes, flushes it to the disk and gives it its name.
  ///
  /// - Parameter check: May read the flushed file under its temporary name; if it throws, the file goes.
  public consuming func commit(
    byteCount: Int, check: (_ path: String) throws -> Void = { _ in }
  ) throws {
    do {
      try descriptor.resize(to: Int64(byteCount))
    } catch let error {
      throw FormatError.cannotWrite("\(error)")
    }
    guard fsync(descriptor.rawValue) == 0 else {
      throw FormatError.cannotWrite("\(Errno(rawValue: errno))")
    }
    try check(temporary.string)
    try FileSystem.rename(temporary.string, to: path, replace: replace)
    UnfinishedFiles.ofThisProcess.remove(temporary.string)
    isCommitted = true
    FileSystem.flushFolder(of: path)
  }
}
