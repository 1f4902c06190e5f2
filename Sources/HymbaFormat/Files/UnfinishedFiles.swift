import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The temporary files of a process that are not finished: an interrupt handler removes them.
public final class UnfinishedFiles: Sendable {
  public static let ofThisProcess = UnfinishedFiles()

  private let paths = Mutex<Set<String>>([])

  init() {}

  /// Creates a file by `create` and takes it down as one step: no interrupt comes between.
  func adding<Result>(_ path: String, create: () throws -> sending Result) throws -> sending Result
  {
    try paths.withLock { paths in
      let result = try create()
      paths.insert(path)
      return result
    }
  }

  func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Removes every unfinished file, then calls `end`, which ends the process when it is interrupted. Until it
  /// returns, no other thread can create a further one.
  public func removeAll(then end: () -> Void) {
    paths.withLock { paths in
      for path in paths { unsafe unlink(path) }
      paths.removeAll()
      end()
    }
  }
}
