import CLinux
import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A file that appears under its name complete or not at all.
///
/// Bytes go to a temporary file in the same folder; ``commit(byteCount:check:)`` flushes it to the disk and
/// renames it. When the value goes without a commit, the temporary file goes too. What a process that was killed
/// left of a file of this name goes before.
package struct OutputFile: ~Copyable {
  /// Where the file will be: where the symbolic links lead, if the name is one.
  package let path: String
  /// Where the bytes are until the file has its name, to read them again.
  let temporaryPath: String
  private let descriptor: FileDescriptor
  private let flush: BackgroundFlush
  private let replace: Bool
  private var isCommitted = false

  /// Creates the temporary file. A symbolic link stays: the file that it leads to is replaced.
  /// - Parameter replace: Whether a file at `path` may be replaced. Without it an existing one is an
  ///   error now, and one that appears meanwhile is an error at ``commit(byteCount:check:)``.
  /// - Parameter expectedBytes: How long the file will be at most, if that is known: room for it is taken at once,
  ///   which is several times faster than block by block, and what is too much is given back at the end.
  /// - Parameter mode: Of a new file. One that is replaced gives its owner and mode to the new one.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  package init(
    _ path: String, replace: Bool, expectedBytes: Int? = nil, mode: FileMode = .open
  ) throws(FormatError) {
    let place = try Self.place(of: path, replace: replace)
    Leftovers.remove(in: FileSystem.folder(of: place), of: FileSystem.name(of: place), for: path)
    try self.init(at: place, replace: replace, expectedBytes: expectedBytes, mode: mode)
  }

  /// Creates the temporary file of an entry of a folder. A symbolic link of that name is replaced, as the folder
  /// is what was named.
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
    // Where the file system cannot, writing shows it. The C library's own function would write every block then.
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

  /// Whether a file can be written at `path`, as far as that is known before there is anything to write.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  package static func requirePlace(_ path: String, replace: Bool) throws(FormatError) {
    let place = try place(of: path, replace: replace)
    guard FileSystem.isDirectory(FileSystem.folder(of: place)) else {
      throw FormatError(writing: Errno.noSuchFileOrDirectory, at: place)
    }
    guard !FileSystem.isNameTooLong(place) else { throw .cannotWrite("\(Errno.fileNameTooLong)") }
  }

  /// - Throws: What is wrong with the name, which no `--force` would help where a rename would replace a folder,
  ///   a device or a pipe by a file.
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
    // The temporary name is short enough in any case; the rename would fail when all is written.
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
      // Held as long as it is written. Another run that tidies up may have come between.
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

  /// Bytes of one system call: for larger ones the kernel looks for larger pieces of free memory, and writing
  /// two megabytes at a time took three times as long on ext4.
  private static let pieceBytes = 128 << 10

  package func write(_ bytes: [UInt8], at offset: Int) throws(FormatError) {
    try write(bytes.raw, at: offset)
  }

  /// Cuts the file to `byteCount` bytes and flushes it to the disk.
  func flush(byteCount: Int) throws(FormatError) {
    do {
      try descriptor.resize(to: Int64(byteCount))
    } catch let error {
      throw .cannotWrite("\(error)")
    }
    guard fsync(descriptor.rawValue) == 0 else { throw .cannotWrite("\(Errno(rawValue: errno))") }
  }

  /// Gives the flushed file its name; within ``UnfinishedFiles/finishing(_:_:)``.
  mutating func giveName() throws(FormatError) {
    try FileSystem.rename(temporaryPath, to: path, replace: replace)
    isCommitted = true
  }

  /// Cuts the file to `byteCount` bytes, flushes it to the disk and gives it its name.
  ///
  /// - Parameter check: May read the flushed file under its temporary name; if it throws, the file goes.
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
