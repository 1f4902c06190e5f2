/// The files of one folder, which appear together.
///
/// Each file is written under a temporary name. ``commit(removing:entries:last:)`` gives the files their names
/// in the order in which they were added. The file without which the folder does not load is added last, or
/// named as `last`. So after a crash no folder looks complete that is not. Without a commit, all temporary
/// files are removed, and so is the folder if it is new and empty. Only one process at a time can write into a
/// folder.
package final class OutputFolder {
  package let path: String
  private let replace: Bool
  private let mode: FileMode
  private let place: NewFolder
  private let lock: FolderLock
  private var staged: [StagedFile] = []
  private var bridge: Bridge?
  /// The second names that a killed process left. Until the commit, the folder may load by them.
  private let previous: Set<String>
  /// The names of files that already have the contents that they should get.
  private var unchanged: Set<String> = []

  /// The files by which the old checkpoint stays loadable until all new files are there.
  private struct Bridge {
    /// The files that get second names.
    let names: [String]
    /// The index that lists these second names.
    let index: StagedFile
  }

  /// Creates the folder unless it is there. Removes temporary files in it that no process holds.
  /// - Parameters:
  ///   - replace: Whether files in the folder may be replaced.
  ///   - mode: The mode of new files. A file that replaces another one gets the owner and the mode of the old
  ///     one.
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

  // Temporary files are removed before `place` is released, because a folder that has entries is not removed.
  deinit { (staged, bridge) = ([], nil) }

  private func path(_ name: String) -> String { FileSystem.path(path, name) }

  /// Writes a file under a temporary name.
  ///
  /// - Parameters:
  ///   - expectedBytes: The most bytes that the file will have, if that is known.
  ///   - mode: The mode of a new file; the folder's mode if nil.
  ///   - write: Writes the file and returns its size in bytes.
  /// - Throws: ``FormatError/outputExists`` and ``FormatError/cannotWrite(_:)`` with the file's path in front,
  ///   and what `write` throws.
  package func add(
    _ name: String, expectedBytes: Int? = nil, mode: FileMode? = nil,
    _ write: (borrowing OutputFile) throws -> Int
  ) throws {
    staged.append(
      try stage(name, expectedBytes: expectedBytes, mode: mode, replace: replace, write))
  }

  /// Writes a small file with these contents under a temporary name.
  package func add(_ name: String, contents: [UInt8], mode: FileMode? = nil) throws {
    try add(name, mode: mode) { file in
      try file.write(contents, at: 0)
      return contents.count
    }
  }

  /// Writes a small file under a temporary name, unless it may be replaced and already has these contents. Then
  /// it stays as it is.
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

  /// The second name of a file that will be replaced.
  package static func secondName(of name: String) -> String { secondNamePrefix + name }
  package static func isSecondName(_ name: String) -> Bool { name.hasPrefix(secondNamePrefix) }
  static let secondNamePrefix = "hymba-previous-"

  /// Keeps files that will be replaced loadable until the last new file is there. The commit gives them second
  /// names, and an index that lists these names. At its end it removes the second names.
  /// - Parameters:
  ///   - names: The files to keep.
  ///   - index: The name of the index.
  ///   - contents: The contents of the index with the second names.
  /// - Throws: ``FormatError/cannotWrite(_:)`` with the file's path in front.
  package func keep(_ names: [String], listedIn index: String, contents: [UInt8]) throws {
    let index = try stage(index, replace: true) { file in
      try file.write(contents, at: 0)
      return contents.count
    }
    bridge = Bridge(names: names, index: index)
  }

  /// Flushes all files to the disk, then gives them their names and removes stale files. From the first name
  /// on, an interrupt waits until the commit is complete. A failure before that leaves the folder as it was.
  ///
  /// - Parameters:
  ///   - stale: Files of the folder to remove. Files that are replaced may be among them; they are not removed.
  ///   - entries: Files by which a reader finds the others, such as an index. Stale ones are removed before the
  ///     file `last` gets its name. So no reader combines that file with what they lead to.
  ///   - last: The file without which the folder does not load. The old one gets its second name before any new
  ///     file has its name. So it never stands beside files that it does not describe.
  /// - Throws: ``FormatError/outputExists`` and ``FormatError/cannotWrite(_:)`` with the file's path in front.
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
      // If all the other files are in place and replaced nothing, they are removed, so that the old checkpoint
      // stands alone.
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
