#if canImport(Glibc)
  import Glibc
#endif

/// Which file a path leads to, whatever the path is: two of one file are equal.
package struct FileIdentity: Hashable, Sendable {
  private let device: dev_t
  private let number: ino_t

  private init(_ status: stat) {
    self.device = status.st_dev
    self.number = status.st_ino
  }

  /// Follows symbolic links; nil where nothing is.
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

  /// Whether this is where the process prints: a new file in its place would take that away.
  var isPrintedTo: Bool {
    [STDOUT_FILENO, STDERR_FILENO].contains { Self(descriptor: $0) == self }
  }
}

extension FileSystem {
  /// The path without symbolic links; nil where nothing is.
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

  /// Whether the file system has no names as long as the last one of `path`.
  static func isNameTooLong(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) != 0 && errno == ENAMETOOLONG
  }

  /// Whether the open file has a name still.
  static func hasName(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }
}
