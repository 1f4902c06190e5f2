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
  private let replace: Bool
  private var isCommitted = false

  /// Creates the temporary file.
  /// - Parameter replace: Whether a file at `path` may be replaced. Without it an existing one is an
  ///   error now, and one that appears meanwhile is an error at ``commit(byteCount:)``.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  public init(_ path: String, replace: Bool) throws(FormatError) {
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
    self.path = path
    self.temporary = temporary
    self.descriptor = descriptor
    self.replace = replace
  }

  deinit {
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
        _ = try unsafe descriptor.writeAll(toAbsoluteOffset: Int64(offset), buffer)
      }
    } catch let error {
      throw .cannotWrite("\(error)")
    }
  }

  public func write(_ bytes: [UInt8], at offset: Int) throws(FormatError) {
    try write(bytes.raw, at: offset)
  }

  /// Cuts the file to `byteCount` bytes, flushes it to the disk and gives it its name.
  public consuming func commit(byteCount: Int) throws(FormatError) {
    do {
      try descriptor.resize(to: Int64(byteCount))
    } catch let error {
      throw .cannotWrite("\(error)")
    }
    guard fsync(descriptor.rawValue) == 0 else { throw .cannotWrite("\(Errno(rawValue: errno))") }
    try FileSystem.rename(temporary.string, to: path, replace: replace)
    UnfinishedFiles.ofThisProcess.remove(temporary.string)
    isCommitted = true
    FileSystem.flushFolder(of: path)
  }
}
