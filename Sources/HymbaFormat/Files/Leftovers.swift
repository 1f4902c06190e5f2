import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// Files that processes left which were killed.
package enum Leftovers {
  /// By the output that was written there.
  private static let removed = Mutex<[String: [String]]>([:])

  /// Names of those that this process removed for an output since the last call, so that the user is told.
  package static func takeRemoved(for output: String) -> [String] {
    removed.withLock { $0.removeValue(forKey: output) ?? [] }
  }

  /// Removes those temporary files of a folder that no process holds any more.
  /// - Parameters:
  ///   - name: Of the file that they were to become; nil for any.
  ///   - output: What is about to be written, as the user names it.
  static func remove(in folder: String, of name: String? = nil, for output: String) {
    let stem = name.map(TemporaryName.shortened)
    for entry in (try? FileSystem.entries(of: folder)) ?? [] {
      guard let temporary = TemporaryName(entry), stem == nil || temporary.stem == stem else {
        continue
      }
      guard removeUnlessHeld(FileSystem.path(folder, entry)) else { continue }
      took(entry, for: output)
    }
  }

  static func took(_ name: String, for output: String) {
    removed.withLock { $0[output, default: []].append(name) }
  }

  private static func removeUnlessHeld(_ path: String) -> Bool {
    guard FileSystem.isRegularFile(path), !FileSystem.isLink(path),
      let descriptor = try? FileDescriptor.open(
        FilePath(path), .readOnly, options: [.noFollow, .nonBlocking, .closeOnExec])
    else { return false }
    defer { try? descriptor.close() }
    guard FileLock(descriptor.rawValue) == .taken else { return false }
    return unsafe unlink(path) == 0
  }
}
