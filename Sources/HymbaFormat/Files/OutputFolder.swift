/// Files of one folder that appear together.
///
/// Each is written under a temporary name; ``commit(removing:last:)`` gives them their names in the order in which
/// they were added. So the file that makes the folder loadable is added last, and a crash leaves no folder
/// that looks whole and is not. When the value goes without a commit, nothing stays, the folder neither if
/// it is new. One process at a time writes into a folder.
package final class OutputFolder {
  package let path: String
  private let replace: Bool
  private let mode: FileMode
  private let place: NewFolder
  private let lock: FolderLock
  private var staged: [StagedFile] = []
  private var bridge: Bridge?
  /// Second names that a killed process left, under which the folder may load until the commit.
  private let previous: Set<String>
  /// Files that are what they were to become.
  private var unchanged: Set<String> = []

  /// What the old files load by until the new ones are all there.
  private struct Bridge {
    /// Files of which second names are made.
    let names: [String]
    /// Their index, with the second names.
    let index: StagedFile
  }

  /// Creates the folder unless it is there. Temporary files in it that no process holds go.
  /// - Parameter replace: Whether files in it may be replaced.
  /// - Parameter mode: Of new files; those that are replaced give theirs to the new ones.
  /// - Throws: ``FormatError/cannotWrite(_:)``, ``FormatError/outputBusy``.
  package init(_ path: String, replace: Bool, mode: FileMode = .open) throws(FormatError) {
    self.place = try NewFolder(path)
    self.lock = try FolderLock(path)
    self.path = path
    self.replace = replace
    self.mode = mode
    Leftovers.remove(in: path, for: path)
    self.previous = Set((try? FileSystem.entries(of: path))?.filter(Self.isSecondName) ?? [])
  }

  // Temporary files go before `place`: a folder that holds one stays.
  deinit { (staged, bridge) = ([], nil) }

  private func path(_ name: String) -> String { FileSystem.path(path, name) }

  /// Writes a file under a temporary name.
  ///
  /// - Parameters:
  ///   - expectedBytes: How long the file will be at most, if that is known.
  ///   - mode: Of a new file; the folder's if nil.
  ///   - write: Writes the file and returns its bytes.
  /// - Throws: ``FormatError/outputExists`` with the file's name, and what `write` throws.
  package func add(
    _ name: String, expectedBytes: Int? = nil, mode: FileMode? = nil,
    _ write: (borrowing OutputFile) throws -> Int
  ) throws {
    staged.append(
      try stage(name, expectedBytes: expectedBytes, mode: mode, replace: replace, write))
  }

  /// The same for a small file.
  package func add(_ name: String, contents: [UInt8], mode: FileMode? = nil) throws {
    try add(name, mode: mode) { file in
      try file.write(contents, at: 0)
      return contents.count
    }
  }

  /// The same, but one that may be replaced and has these contents already stays as it is.
  package func addUnlessSame(
    _ name: String, contents: [UInt8], mode: FileMode? = nil
  ) throws {
    guard !replace || !holds(name, contents) else {
      unchanged.insert(name)
      return
    }
    try add(name, contents: contents, mode: mode)
  }

  private func holds(_ name: String, _ contents: [UInt8]) -> Bool {
    guard let file = try? InputFile(path(name)), file.byteCount == contents.count else {
      return false
    }
    return (try? file.bytes(at: 0, count: contents.count)) == contents
  }

  private func stage(
    _ name: String, expectedBytes: Int? = nil, mode: FileMode? = nil, replace: Bool,
    _ write: (borrowing OutputFile) throws -> Int
  ) throws -> StagedFile {
    try naming(path(name)) {
      let file = try OutputFile(
        entry: path(name), replace: replace, expectedBytes: expectedBytes, mode: mode ?? self.mode)
      let byteCount = try write(file)
      return StagedFile(name, file, byteCount: byteCount)
    }
  }

  /// The second name of a file that is about to be replaced.
  package static func secondName(of name: String) -> String { secondNamePrefix + name }
  package static func isSecondName(_ name: String) -> Bool { name.hasPrefix(secondNamePrefix) }
  static let secondNamePrefix = "hymba-previous-"

  /// Keeps files that will be replaced loadable until the last new file is there: they get second names, and their
  /// index lists these. With the commit's end they go.
  /// - Parameter contents: Of the index with the second names.
  package func keep(_ names: [String], listedIn index: String, contents: [UInt8]) throws {
    let index = try stage(index, replace: true) { file in
      try file.write(contents, at: 0)
      return contents.count
    }
    bridge = Bridge(names: names, index: index)
  }

  /// Flushes all files to the disk, then gives them their names and removes what is stale. An interrupt waits
  /// from the first name on; a failure before leaves the folder as it was.
  ///
  /// - Parameters:
  ///   - stale: Files of the folder that go; those that are replaced may be among them.
  ///   - entries: Files by which a reader finds the others. Stale ones go before the last file has its name, so that
  ///     no reader takes what they lead to with that file.
  ///   - last: The file without which the folder does not load: the old one gets its second name before any other
  ///     file changes, so that it never stands beside files that it does not describe.
  package func commit(
    removing stale: [String] = [], entries: Set<String> = [], last: String? = nil
  ) throws {
    let files = staged + [bridge?.index].compactMap(\.self)
    for file in files { try naming(path(file.name)) { try file.flush() } }
    try UnfinishedFiles.ofThisProcess.finishing(files.map(\.temporaryPath)) {
      let new = Set(staged.map(\.name))
      let stale = Set(stale).subtracting(new).subtracting(unchanged)
      try giveNames(removing: stale.intersection(entries), last: last)
      try FileSystem.flush(folder: path)
      let second = (new.union(bridge?.names ?? [])).map(Self.secondName)
      try remove(stale.subtracting(entries).union(second))
      try FileSystem.flush(folder: path)
    }
    (staged, bridge) = ([], nil)
  }

  private func remove(_ names: Set<String>) throws {
    for name in names.sorted() {
      try naming(path(name)) { try FileSystem.removeFile(path(name)) }
      if previous.contains(name) { Leftovers.took(name, for: path) }
    }
  }

  private func giveNames(removing entries: Set<String>, last: String?) throws {
    for name in bridge?.names ?? [] { try giveSecondName(name) }
    if let bridge { try name(bridge.index) }
    let final = staged.first { $0.name == last }
    let isReplaced = final.map { FileSystem.isNameTaken(path($0.name)) } ?? false
    if let final, isReplaced { try moveAside(final.name) }
    var added: Set<String> = []
    do {
      for file in staged where file !== final {
        let isNew = !FileSystem.isNameTaken(path(file.name))
        try name(file)
        if isNew { added.insert(file.name) }
      }
      try remove(entries)
    } catch {
      // What took no other file's place goes again, so that the old checkpoint stands alone.
      if added.count == staged.count - (final == nil ? 0 : 1) { try? remove(added) }
      if let final, isReplaced { try? moveBack(final.name) }
      throw error
    }
    if let final { try name(final) }
  }

  private func name(_ file: StagedFile) throws {
    try naming(path(file.name)) { try file.giveName() }
  }

  private func giveSecondName(_ name: String) throws {
    try naming(path(name)) {
      try FileSystem.giveSecondName(path(name), path(Self.secondName(of: name)))
    }
  }

  private func moveAside(_ name: String) throws {
    try naming(path(name)) {
      try FileSystem.rename(path(name), to: path(Self.secondName(of: name)), replace: true)
    }
  }

  private func moveBack(_ name: String) throws {
    try FileSystem.rename(path(Self.secondName(of: name)), to: path(name), replace: true)
  }
}
