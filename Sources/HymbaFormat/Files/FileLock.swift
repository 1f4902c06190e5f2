import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// The result of asking for the exclusive lock of an open file or folder. The lock ends with the descriptor,
/// also when the process is killed. It is advisory: it stops only those who ask for it. The corresponding C
/// function is `flock`.
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

/// The lock of a folder that only one process at a time may write into.
final class FolderLock: Sendable {
  private let descriptor: FileDescriptor

  /// Takes the lock. Where the file system has no locks, nothing is locked.
  /// - Throws: ``FormatError/outputBusy`` when another process has the folder, ``FormatError/cannotWrite(_:)``
  ///   when it cannot be opened.
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
