#if canImport(Glibc)
  import Glibc
#endif

/// The identity of the file that a path leads to: its device and inode. Two paths to one file have equal
/// identities.
package struct FileIdentity: Hashable, Sendable {
  private let device: dev_t
  private let number: ino_t

  private init(_ status: stat) {
    self.device = status.st_dev
    self.number = status.st_ino
  }

  /// The file at `path`; symbolic links are followed. Nil if there is none.
  package init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  private init?(descriptor: Int32) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Whether the standard output or the standard error of the process goes to this file. A new file in its
  /// place would take the output away.
  var isPrintedTo: Bool {
    [STDOUT_FILENO, STDERR_FILENO].contains { Self(descriptor: $0) == self }
  }
}

extension FileSystem {
  /// The absolute path without symbolic links; nil if nothing is there.
  package static func realPath(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Whether there is a symbolic link at `path`, wherever it leads.
  package static func isLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// Whether the last name of `path` is too long for the file system.
  static func isNameTooLong(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) != 0 && errno == ENAMETOOLONG
  }

  /// Whether the open file still has a name.
  static func hasName(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }
}
