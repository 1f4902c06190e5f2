import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The temporary files of a process that are not finished, and the folders that were made for them: an
/// interrupt handler removes them.
package final class UnfinishedFiles: Sendable {
  package static let ofThisProcess = UnfinishedFiles()

  private let paths = Mutex<Set<String>>([])

  init() {}

  /// Creates a file or folder by `create` and takes it down as one step: no interrupt comes between.
  func adding<Result>(_ path: String, create: () throws -> sending Result) throws -> sending Result
  {
    try paths.withLock { paths in
      let result = try create()
      paths.insert(path)
      return result
    }
  }

  func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Gives finished files their names by `body` as one step: an interrupt waits until all have them.
  /// - Parameter temporaries: What they were called before.
  func finishing(_ temporaries: [String], _ body: () throws -> Void) throws {
    try paths.withLock { paths in
      try body()
      paths.subtract(temporaries)
    }
  }

  /// Removes every unfinished file, and the folders that are empty then; then calls `end`, which ends the process
  /// when it is interrupted. Until it returns, no other thread can create a further one.
  package func removeAll(then end: () -> Void) {
    paths.withLock { paths in
      // A folder's own path is shorter than those of the files in it.
      for path in paths.sorted(by: { $0.utf8.count > $1.utf8.count }) { unsafe Glibc.remove(path) }
      paths.removeAll()
      end()
    }
  }
}
