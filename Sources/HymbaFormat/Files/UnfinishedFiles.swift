import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The temporary files of a process that are not finished, and the folders that were created for them. An
/// interrupt handler removes them.
package final class UnfinishedFiles: Sendable {
  package static let ofThisProcess = UnfinishedFiles()

  private let paths = Mutex<Set<String>>([])

  init() {}

  /// Creates a file or folder with `create` and records its path, as one step: no interrupt comes between.
  func adding<Result>(_ path: String, create: () throws -> sending Result) throws -> sending Result
  {
    try paths.withLock { paths in
      let result = try create()
      paths.insert(path)
      return result
    }
  }

  func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Gives finished files their names with `body`, as one step: an interrupt waits until all files have their
  /// names.
  /// - Parameter temporaries: The paths of the temporary files. They count as finished when `body` succeeds.
  func finishing(_ temporaries: [String], _ body: () throws -> Void) throws {
    try paths.withLock { paths in
      try body()
      paths.subtract(temporaries)
    }
  }

  /// Removes all unfinished files, and the folders that are empty then. Then calls `end`, which ends the
  /// process after an interrupt. Until this returns, no other thread can create or finish a file.
  package func removeAll(then end: () -> Void) {
    paths.withLock { paths in
      // The path of a folder is shorter than the paths of the files in it, so the folders come last.
      for path in paths.sorted(by: { $0.utf8.count > $1.utf8.count }) { unsafe Glibc.remove(path) }
      paths.removeAll()
      end()
    }
  }
}
