import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// What became of asking for an open file or folder alone. The lock ends with the descriptor, also when the
/// process is killed; it holds back nobody who does not ask. The corresponding C function is `flock`.
enum FileLock {
  case taken
  /// Another open descriptor has it.
  case busy
  /// The file system has no locks.
  case unknown

  init(_ descriptor: Int32) {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      self = .taken
    } else {
      self = errno == EWOULDBLOCK ? .busy : .unknown
    }
  }
}

/// A folder that one process at a time writes into.
final class FolderLock: Sendable {
  private let descriptor: FileDescriptor

  /// - Throws: ``FormatError/outputBusy`` when another process has the folder.
  init(_ path: String) throws(FormatError) {
    do {
      descriptor = try FileDescriptor.open(
        FilePath(path), .readOnly, options: [.directory, .closeOnExec])
    } catch let error {
      throw .cannotWrite("\(error)")
    }
    guard FileLock(descriptor.rawValue) != .busy else {
      try? descriptor.close()
      throw .outputBusy
    }
  }

  deinit { try? descriptor.close() }
}
