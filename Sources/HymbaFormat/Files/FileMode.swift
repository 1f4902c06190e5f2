#if canImport(Glibc)
  import Glibc
#endif

/// The permissions of a file, as `chmod` sets them.
package struct FileMode: Hashable, Sendable {
  let bits: mode_t

  /// Everybody may read, and the owner may write. The process's umask restricts this further.
  package static let open = FileMode(bits: 0o644)

  private init(bits: mode_t) { self.bits = bits }

  /// The mode of a new file that is made from the files at `paths`. Whoever may not read one of them may not
  /// read the new file.
  package init(ofFileMadeOf paths: [String]) {
    self.bits = paths.reduce(Self.open.bits) { bits, path in
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { return bits }
      return bits & (status.st_mode | S_IRUSR | S_IWUSR)
    }
  }

  /// Only the owner may read and write, until the final mode is set.
  static let ownersAlone = FileMode(bits: 0o600)
}

/// The owner and the mode of a file that will be replaced.
struct ReplacedFile {
  private let owner: uid_t
  private let group: gid_t
  private let mode: mode_t

  /// Reads them; nil if there is no regular file at `path`. A symbolic link is none.
  init?(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode & 0o777)
  }

  /// Gives the owner and the mode to an open file, as far as the user may and the file system can.
  func giveOwnerAndMode(to descriptor: Int32) {
    if fchown(descriptor, owner, group) != 0 { _ = fchown(descriptor, uid_t.max, group) }
    fchmod(descriptor, mode)
  }
}

extension CheckpointSource {
  /// The paths of the files that hold the tensors.
  package var filePaths: [String] {
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    return files.map { FileSystem.path(folder, $0.name) }
  }

  /// The mode of a new file that is made from this checkpoint.
  package var outputMode: FileMode { FileMode(ofFileMadeOf: filePaths) }
}
