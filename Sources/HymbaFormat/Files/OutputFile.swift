import CLinux
import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A file that appears under its name complete or not at all.
///
/// Bytes go to a temporary file in the same folder. ``commit(byteCount:check:)`` flushes it to the disk and
/// renames it. Without a commit, the temporary file is removed together with this value. Temporary files of the
/// same name that killed processes left behind are removed at the start.
package struct OutputFile: ~Copyable {
  /// The path that the file will have. If the name is a symbolic link, this is the file that the link leads to.
  package let path: String
  /// The path of the temporary file, from which the bytes can be read before the commit.
  let temporaryPath: String
  private let descriptor: FileDescriptor
  private let flush: BackgroundFlush
  private let replace: Bool
  private var isCommitted = false

  /// Creates the temporary file. If `path` is a symbolic link, the link stays and the file that it leads to is
  /// replaced.
  /// - Parameters:
  ///   - replace: Whether a file at `path` may be replaced. Without it, an existing file is an error now, and
  ///     one that appears later is an error at ``commit(byteCount:check:)``.
  ///   - expectedBytes: The most bytes that the file will have, if that is known. The space is reserved at
  ///     once, which is several times faster than block by block. Unused space is released at the commit.
  ///   - mode: The mode of a new file. If a file is replaced, the new one gets the owner and the mode of the
  ///     old one.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  package init(
    _ path: String, replace: Bool, expectedBytes: Int? = nil, mode: FileMode = .open
  ) throws(FormatError) {
    let place = try Self.place(of: path, replace: replace)
    Leftovers.remove(in: FileSystem.folder(of: place), of: FileSystem.name(of: place), for: path)
    try self.init(at: place, replace: replace, expectedBytes: expectedBytes, mode: mode)
  }

  /// Creates the temporary file for an entry of a folder. If the entry is a symbolic link, the link itself is
  /// replaced, because the user named the folder and not the link.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  init(
    entry path: String, replace: Bool, expectedBytes: Int? = nil, mode: FileMode = .open
  ) throws(FormatError) {
    if !replace && FileSystem.isNameTaken(path) { throw .outputExists }
    if FileSystem.isDirectory(path), !FileSystem.isLink(path) {
      throw .cannotWrite("it is a folder")
    }
    try self.init(at: path, replace: replace, expectedBytes: expectedBytes, mode: mode)
  }

  private init(
    at path: String, replace: Bool, expectedBytes: Int?, mode: FileMode
  ) throws(FormatError) {
    let replaced = ReplacedFile(path)
    let (temporary, descriptor) = try Self.createTemporary(
      for: path, mode: replaced == nil ? mode : .ownersAlone)
    replaced?.giveOwnerAndMode(to: descriptor.rawValue)
    // A failure is ignored, since a lack of space shows when the file is written. The system call is used
    // because the C library's `posix_fallocate` writes to every block where the file system cannot reserve
    // space.
    if let expectedBytes, expectedBytes > 0,
      expectedBytes <= FileSystem.freeBytes(forFileAt: path) ?? .max
    {
      _ = hymba_fallocate(descriptor.rawValue, 0, 0, off_t(expectedBytes))
    }
    self.path = path
    self.temporaryPath = temporary
    self.descriptor = descriptor
    self.flush = BackgroundFlush(descriptor.rawValue)
    self.replace = replace
  }

  /// Checks whether a file can be written at `path`, as far as that is known before there is anything to write.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  package static func requirePlace(_ path: String, replace: Bool) throws(FormatError) {
    let place = try place(of: path, replace: replace)
    guard FileSystem.isDirectory(FileSystem.folder(of: place)) else {
      throw FormatError(writing: Errno.noSuchFileOrDirectory, at: place)
    }
    guard !FileSystem.isNameTooLong(place) else { throw .cannotWrite("\(Errno.fileNameTooLong)") }
  }

  /// The path at which the file will appear: `path`, or the file that it leads to if it is a symbolic link.
  ///
  /// A rename would replace a folder, a device or a pipe by a file, so these are refused even with `replace`.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  private static func place(of path: String, replace: Bool) throws(FormatError) -> String {
    guard FileSystem.isNameTaken(path) else { return path }
    guard let identity = FileIdentity(path) else {
      throw .cannotWrite("it is a link that leads nowhere")
    }
    if FileSystem.isDirectory(path) { throw .cannotWrite("it is a folder") }
    guard FileSystem.isRegularFile(path) else { throw .cannotWrite("it is not a regular file") }
    guard !identity.isPrintedTo else {
      throw .cannotWrite("it is where this program prints; name another file")
    }
    guard replace else { throw .outputExists }
    return FileSystem.isLink(path) ? FileSystem.realPath(path) ?? path : path
  }

  private static func createTemporary(
    for path: String, mode: FileMode
  ) throws(FormatError) -> (String, FileDescriptor) {
    guard let name = FilePath(path).lastComponent?.string else {
      throw .cannotWrite("it has no file name")
    }
    // The temporary name is short enough in any case. Without this check, the rename would fail after
    // everything was written.
    guard !FileSystem.isNameTooLong(path) else { throw .cannotWrite("\(Errno.fileNameTooLong)") }
    while true {
      let temporary = FilePath(path).removingLastComponent()
        .appending(TemporaryName(for: name).text)
      let descriptor: FileDescriptor
      do {
        descriptor = try UnfinishedFiles.ofThisProcess.adding(temporary.string) {
          try FileDescriptor.open(
            temporary, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: FilePermissions(rawValue: mode.bits))
        }
      } catch let error {
        throw FormatError(writing: error, at: path)
      }
      // The lock is held as long as the file is written. Another process that removes leftovers may have
      // removed the file before it was locked.
      if FileLock(descriptor.rawValue) != .busy, FileSystem.hasName(descriptor.rawValue) {
        return (temporary.string, descriptor)
      }
      try? descriptor.close()
      UnfinishedFiles.ofThisProcess.remove(temporary.string)
    }
  }

  deinit {
    flush.wait()
    try? descriptor.close()
    if !isCommitted {
      unsafe unlink(temporaryPath)
      UnfinishedFiles.ofThisProcess.remove(temporaryPath)
    }
  }

  /// Writes all of `bytes` at byte `offset` of the file.
  /// - Throws: ``FormatError/cannotWrite(_:)``, also for a full disk.
  package func write(_ bytes: RawSpan, at offset: Int) throws(FormatError) {
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

  /// The most bytes of one system call. For more, the kernel looks for larger pieces of free memory: writing
  /// two megabytes at a time took three times as long on ext4.
  private static let pieceBytes = 128 << 10

  package func write(_ bytes: [UInt8], at offset: Int) throws(FormatError) {
    try write(bytes.raw, at: offset)
  }

  /// Cuts the file to `byteCount` bytes and flushes it to the disk.
  /// - Throws: ``FormatError/cannotWrite(_:)``.
  func flush(byteCount: Int) throws(FormatError) {
    do {
      try descriptor.resize(to: Int64(byteCount))
    } catch let error {
      throw .cannotWrite("\(error)")
    }
    guard fsync(descriptor.rawValue) == 0 else { throw .cannotWrite("\(Errno(rawValue: errno))") }
  }

  /// Gives the flushed file its name. Call it within ``UnfinishedFiles/finishing(_:_:)``.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  mutating func giveName() throws(FormatError) {
    try FileSystem.rename(temporaryPath, to: path, replace: replace)
    isCommitted = true
  }

  /// Cuts the file to `byteCount` bytes, flushes it to the disk and gives it its name.
  ///
  /// - Parameter check: May read the flushed file under its temporary name. If it throws, the file is removed.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``, and what `check` throws.
  package consuming func commit(
    byteCount: Int, check: (_ path: String) throws -> Void = { _ in }
  ) throws {
    try flush(byteCount: byteCount)
    try check(temporaryPath)
    let (source, target, replaces) = (temporaryPath, path, replace)
    try UnfinishedFiles.ofThisProcess.finishing([source]) {
      try FileSystem.rename(source, to: target, replace: replaces)
    }
    isCommitted = true
    try FileSystem.flush(folder: FileSystem.folder(of: target))
  }
}
