import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// The file system calls that the Swift packages here do not wrap, each in one place.
package enum FileSystem {
  /// Whether there is anything at `path`, following symbolic links.
  package static func exists(_ path: String) -> Bool { mode(of: path) != nil }

  /// Whether a new file cannot have this name; a symbolic link takes it even when it leads nowhere.
  static func isNameTaken(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  static func isRegularFile(_ path: String) -> Bool {
    mode(of: path).map { $0 & S_IFMT == S_IFREG } ?? false
  }

  /// Whether there is a folder at `path`, following symbolic links.
  package static func isDirectory(_ path: String) -> Bool {
    mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// Names of the entries of a folder, sorted, without `.` and `..`.
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

  /// Bytes that this user may still write on the disk that holds the file `path` leads to.
  package static func freeBytes(forFileAt path: String) -> Int? {
    var status = statvfs()
    let place = isLink(path) ? realPath(path) ?? path : path
    guard unsafe statvfs(folder(of: place), &status) == 0 else { return nil }
    // A part of the disk is kept for root.
    let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
    let (bytes, overflow) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? Int.max : Int(clamping: bytes)
  }

  /// - Throws: ``FormatError/notEnoughSpace(needed:available:)``.
  package static func requireFreeBytes(_ needed: Int, forFileAt path: String) throws(FormatError) {
    if let available = freeBytes(forFileAt: path), available < needed {
      throw .notEnoughSpace(needed: needed, available: available)
    }
  }

  /// Gives a finished file its name, in one step. The corresponding C functions are `rename` and, where
  /// nothing may be replaced, `link`, which fails when the name is taken.
  static func rename(_ source: String, to target: String, replace: Bool) throws(FormatError) {
    if !replace {
      if unsafe link(source, target) == 0 {
        unsafe unlink(source)
        return
      }
      let error = Errno(rawValue: errno)
      if error == .fileExists { throw .outputExists }
      // Some file systems have no hard links; there the check at the start has to do.
    }
    guard unsafe Glibc.rename(source, target) == 0 else {
      throw .cannotWrite("\(Errno(rawValue: errno))")
    }
  }

  /// Makes the renames in a folder durable. The corresponding C function is `fsync`. File systems that have no such
  /// thing for folders are left alone, and so are folders that this user may not open.
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

  /// Whether an error of flushing a folder says that it cannot be done at all, and not that it went wrong.
  static func isHarmless(_ error: Errno) -> Bool {
    [.invalidArgument, .notSupported, .permissionDenied, .notPermitted].contains(error)
  }

  /// Creates a folder unless it is there.
  package static func createDirectory(_ path: String) throws(FormatError) {
    if unsafe mkdir(path, 0o777) == 0 { return }
    let error = Errno(rawValue: errno)
    guard error == .fileExists, isDirectory(path) else {
      throw FormatError(writing: error, at: path)
    }
  }

  /// Removes a file, or a symbolic link and not what it leads to. One that is not there is no error.
  static func removeFile(_ path: String) throws(FormatError) {
    if unsafe unlink(path) == 0 { return }
    let error = Errno(rawValue: errno)
    guard error == .noSuchFileOrDirectory else { throw .cannotWrite("\(error)") }
  }

  /// Gives a file of a folder a second name, in place of what may have that; where the file system has no second
  /// names, another name. The corresponding C function is `link`; a symbolic link is not followed.
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

  /// The folder that holds `path`: `.` for a bare name.
  package static func folder(of path: String) -> String {
    let folder = FilePath(path).removingLastComponent()
    return folder.isEmpty ? "." : folder.string
  }
}
