import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// Temporary files of processes that were killed.
enum Leftovers {
  /// Removes those of a folder that no process holds any more.
  /// - Parameter name: Of the file that they were to become; nil for any.
  static func remove(in folder: String, of name: String? = nil) {
    let stem = name.map(TemporaryName.shortened)
    for entry in (try? FileSystem.entries(of: folder)) ?? [] {
      guard let temporary = TemporaryName(entry), stem == nil || temporary.stem == stem else {
        continue
      }
      removeUnlessHeld(FileSystem.path(folder, entry))
    }
  }

  private static func removeUnlessHeld(_ path: String) {
    guard FileSystem.isRegularFile(path), !FileSystem.isLink(path),
      let descriptor = try? FileDescriptor.open(
        FilePath(path), .readOnly, options: [.noFollow, .nonBlocking, .closeOnExec])
    else { return }
    if FileLock(descriptor.rawValue) == .taken { unsafe unlink(path) }
    try? descriptor.close()
  }
}
