#if canImport(Glibc)
  import Glibc
#endif

/// Who may read and write a file: what `chmod` sets.
package struct FileMode: Hashable, Sendable {
  let bits: mode_t

  /// Everybody may read, and the owner write; the process's umask takes from that.
  package static let open = FileMode(bits: 0o644)

  private init(bits: mode_t) { self.bits = bits }

  /// Of a new file that is made of others: it is not for those who may not read one of them.
  package init(ofFileMadeOf paths: [String]) {
    self.bits = paths.reduce(Self.open.bits) { bits, path in
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { return bits }
      return bits & (status.st_mode | S_IRUSR | S_IWUSR)
    }
  }

  /// The owner's alone, until it is known who else may.
  static let ownersAlone = FileMode(bits: 0o600)
}

/// The owner and the mode of a file that is to be replaced.
struct ReplacedFile {
  private let owner: uid_t
  private let group: gid_t
  private let mode: mode_t

  /// Nil where no regular file is; a symbolic link is none.
  init?(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode & 0o777)
  }

  /// Gives them to an open file: the owner as far as this user may, and where the file system has them.
  func giveOwnerAndMode(to descriptor: Int32) {
    if fchown(descriptor, owner, group) != 0 { _ = fchown(descriptor, uid_t.max, group) }
    fchmod(descriptor, mode)
  }
}

extension CheckpointSource {
  /// Paths of the files that hold the tensors.
  package var filePaths: [String] {
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    return files.map { FileSystem.path(folder, $0.name) }
  }

  /// Of a new file that is made of this checkpoint.
  package var outputMode: FileMode { FileMode(ofFileMadeOf: filePaths) }
}
