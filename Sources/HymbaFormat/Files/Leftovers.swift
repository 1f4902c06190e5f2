import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// Temporary files that killed processes left behind.
package enum Leftovers {
  /// The names of the removed files, by the output that was about to be written.
  private static let removed = Mutex<[String: [String]]>([:])

  /// The names of the files that this process removed for an output since the last call, to be shown to the
  /// user.
  package static func takeRemoved(for output: String) -> [String] {
    removed.withLock { $0.removeValue(forKey: output) ?? [] }
  }

  /// Removes the temporary files of a folder that no process holds any more.
  /// - Parameters:
  ///   - name: The name of the file that they were to become; nil for any.
  ///   - output: The output that is about to be written, as the user names it.
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

  /// Records a removed file, for ``takeRemoved(for:)``.
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
