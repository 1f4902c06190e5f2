import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// The file system calls that the Swift packages used here do not wrap, each in one place.
package enum FileSystem {
  /// Whether there is anything at `path`. Symbolic links are followed.
  package static func exists(_ path: String) -> Bool { mode(of: path) != nil }

  /// Whether the name is taken, so that no new file can have it. A symbolic link takes its name even when it
  /// leads nowhere.
  static func isNameTaken(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  static func isRegularFile(_ path: String) -> Bool {
    mode(of: path).map { $0 & S_IFMT == S_IFREG } ?? false
  }

  /// Whether there is a folder at `path`. Symbolic links are followed.
  package static func isDirectory(_ path: String) -> Bool {
    mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// The names of the entries of a folder, sorted, without `.` and `..`.
  /// - Throws: ``FormatError/notFound``, ``FormatError/linkLoop``, ``FormatError/cannotRead(_:)``.
  package static func entries(of path: String) throws(FormatError) -> [String] {
    guard let folder = unsafe opendir(path) else {
      throw FormatError(opening: Errno(rawValue: errno))
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        // The kernel ends every name with a zero byte.
        unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The bytes that this user may still write on the disk that holds the file at `path`. A symbolic link is
  /// followed.
  /// - Returns: Nil if the file system does not tell.
  package static func freeBytes(forFileAt path: String) -> Int? {
    var status = statvfs()
    let place = isLink(path) ? realPath(path) ?? path : path
    guard unsafe statvfs(folder(of: place), &status) == 0 else { return nil }
    // A part of the disk is reserved for root.
    let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
    let (bytes, overflow) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? Int.max : Int(clamping: bytes)
  }

  /// Checks that the disk has room for `needed` bytes. The check passes if the free space is not known.
  /// - Throws: ``FormatError/notEnoughSpace(needed:available:)``.
  package static func requireFreeBytes(_ needed: Int, forFileAt path: String) throws(FormatError) {
    if let available = freeBytes(forFileAt: path), available < needed {
      throw .notEnoughSpace(needed: needed, available: available)
    }
  }

  /// Gives a finished file its name in one step. The corresponding C functions are `rename` and, where nothing
  /// may be replaced, `link`, which fails when the name is taken.
  /// - Throws: ``FormatError/outputExists``, ``FormatError/cannotWrite(_:)``.
  static func rename(_ source: String, to target: String, replace: Bool) throws(FormatError) {
    if !replace {
      if unsafe link(source, target) == 0 {
        unsafe unlink(source)
        return
      }
      let error = Errno(rawValue: errno)
      if error == .fileExists { throw .outputExists }
      // Some file systems have no hard links. There, only the caller's earlier check protects an existing file.
    }
    guard unsafe Glibc.rename(source, target) == 0 else {
      throw .cannotWrite("\(Errno(rawValue: errno))")
    }
  }

  /// Makes the renames in a folder durable. The corresponding C function is `fsync`. Nothing happens where the
  /// file system cannot flush folders, or where the user may not open the folder.
  /// - Throws: ``FormatError/cannotWrite(_:)`` when the names may not be on the disk.
  static func flush(folder: String) throws(FormatError) {
    do {
      let descriptor = try FileDescriptor.open(
        FilePath(folder), .readOnly, options: [.directory, .closeOnExec])
      let error = fsync(descriptor.rawValue) == 0 ? nil : Errno(rawValue: errno)
      try? descriptor.close()
      if let error { throw error }
    } catch let error as Errno {
      guard !isHarmless(error) else { return }
      throw .cannotWrite("its folder cannot be flushed to the disk: \(error)")
    } catch {
      throw .cannotWrite("\(error)")
    }
  }

  /// Whether an error of flushing a folder means that flushing is impossible there, not that it failed.
  static func isHarmless(_ error: Errno) -> Bool {
    [.invalidArgument, .notSupported, .permissionDenied, .notPermitted].contains(error)
  }

  /// Creates a folder unless it is there. Its parent folder must exist.
  /// - Throws: ``FormatError/cannotWrite(_:)``.
  package static func createDirectory(_ path: String) throws(FormatError) {
    if unsafe mkdir(path, 0o777) == 0 { return }
    let error = Errno(rawValue: errno)
    guard error == .fileExists, isDirectory(path) else {
      throw FormatError(writing: error, at: path)
    }
  }

  /// Removes a file. A symbolic link is removed, not its target. A missing file is no error.
  /// - Throws: ``FormatError/cannotWrite(_:)``.
  static func removeFile(_ path: String) throws(FormatError) {
    if unsafe unlink(path) == 0 { return }
    let error = Errno(rawValue: errno)
    guard error == .noSuchFileOrDirectory else { throw .cannotWrite("\(error)") }
  }

  /// Gives a file a second name. A file that has the second name already is removed. Where the file system has
  /// no hard links, the file is renamed. The corresponding C function is `link`; a symbolic link is not
  /// followed.
  /// - Throws: ``FormatError/cannotWrite(_:)``.
  static func giveSecondName(_ path: String, _ second: String) throws(FormatError) {
    try removeFile(second)
    if unsafe link(path, second) != 0 { try rename(path, to: second, replace: true) }
  }

  private static func mode(of path: String) -> mode_t? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_mode : nil
  }
}

extension FileSystem {
  /// The last component of a path.
  package static func name(of path: String) -> String {
    FilePath(path).lastComponent?.string ?? path
  }

  /// The path of an entry of a folder.
  package static func path(_ folder: String, _ name: String) -> String {
    FilePath(folder).appending(name).string
  }

  /// The folder that holds `path`; `.` for a bare name.
  package static func folder(of path: String) -> String {
    let folder = FilePath(path).removingLastComponent()
    return folder.isEmpty ? "." : folder.string
  }
}
