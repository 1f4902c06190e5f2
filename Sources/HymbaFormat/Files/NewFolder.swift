import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A folder to write into. If it was made for that, it goes with the value, or with an interrupt, unless
/// something came into it.
package final class NewFolder: Sendable {
  package let path: String
  private let isNew: Bool

  /// Creates the folder unless it is there.
  /// - Throws: ``FormatError/cannotWrite(_:)``.
  package init(_ path: String) throws(FormatError) {
    // With a slash at the end, a file of this name is not seen.
    let isNew = !FileSystem.isNameTaken(FilePath(path).string)
    guard isNew || FileSystem.isDirectory(path) else {
      throw .cannotWrite("a file has this name; name another folder, or remove the file first")
    }
    if isNew {
      do {
        try UnfinishedFiles.ofThisProcess.adding(path) { try FileSystem.createDirectory(path) }
      } catch {
        throw error as? FormatError ?? .cannotWrite("\(error)")
      }
      do throws(FormatError) {
        // Without that, what is flushed within the folder could be lost with its name.
        try FileSystem.flush(folder: FileSystem.folder(of: path))
      } catch {
        unsafe rmdir(path)
        UnfinishedFiles.ofThisProcess.remove(path)
        throw error
      }
    }
    self.path = path
    self.isNew = isNew
  }

  deinit {
    guard isNew else { return }
    // Fails where something is in it, as it should.
    unsafe rmdir(path)
    UnfinishedFiles.ofThisProcess.remove(path)
  }
}
