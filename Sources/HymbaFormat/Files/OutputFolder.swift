/// Files of one folder that appear together.
///
/// Each is written under a temporary name; ``commit(removing:)`` gives them their names in the order in which
/// they were added. So the file that makes the folder loadable is added last, and a crash leaves no folder
/// that looks whole and is not. When the value goes without a commit, nothing stays, the folder neither if
/// it is new.
public final class OutputFolder {
  public let path: String
  private let replace: Bool
  private let isNew: Bool
  private var isCommitted = false
  private var staged: [StagedFile] = []

  /// Creates the folder unless it is there.
  /// - Parameter replace: Whether files in it may be replaced.
  /// - Throws: ``FormatError/cannotWrite(_:)``.
  public init(_ path: String, replace: Bool) throws(FormatError) {
    let isNew = !FileSystem.isNameTaken(path)
    guard isNew || FileSystem.isDirectory(path) else { throw .cannotWrite("it is not a folder") }
    try FileSystem.createDirectory(path)
    self.path = path
    self.replace = replace
    self.isNew = isNew
  }

  deinit {
    guard isNew, !isCommitted else { return }
    // Temporary files go first: a folder that holds one stays.
    staged = []
    FileSystem.removeEmptyFolder(path)
  }

  /// Writes a file under a temporary name.
  ///
  /// - Parameters:
  ///   - expectedBytes: How long the file will be at most, if that is known.
  ///   - write: Writes the file and returns its bytes.
  /// - Throws: ``FormatError/outputExists`` with the file's name, and what `write` throws.
  public func add(
    _ name: String, expectedBytes: Int? = nil, _ write: (borrowing OutputFile) throws -> Int
  ) throws {
    let path = FileSystem.path(path, name)
    try naming(path) {
      let file = try OutputFile(path, replace: replace, expectedBytes: expectedBytes)
      let byteCount = try write(file)
      staged.append(StagedFile(name, file, byteCount: byteCount))
    }
  }

  public func add(_ name: String, contents: [UInt8]) throws {
    try add(name) { file in
      try file.write(contents, at: 0)
      return contents.count
    }
  }

  /// Flushes all files to the disk and gives them their names.
  /// - Parameter stale: Files of the folder that go before; those that are replaced may be among them.
  public func commit(removing stale: [String] = []) throws {
    for name in stale {
      let path = FileSystem.path(path, name)
      try naming(path) { try FileSystem.removeFile(path) }
    }
    for file in staged {
      try naming(FileSystem.path(path, file.name)) { try file.commit() }
    }
    isCommitted = true
  }
}

/// A file that is complete and has no name yet.
private final class StagedFile {
  let name: String
  private let byteCount: Int
  private var file: OutputFile?

  init(_ name: String, _ file: consuming OutputFile, byteCount: Int) {
    self.name = name
    self.byteCount = byteCount
    self.file = consume file
  }

  func commit() throws {
    if let file = file.take() { try file.commit(byteCount: byteCount) }
  }
}
