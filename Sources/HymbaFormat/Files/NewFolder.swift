import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A folder to write into. If it was created for that, it is removed with this value or at an interrupt, unless
/// it has entries then.
package final class NewFolder: Sendable {
  package let path: String
  private let isNew: Bool

  /// Creates the folder unless it is there.
  /// - Throws: ``FormatError/cannotWrite(_:)``.
  package init(_ path: String) throws(FormatError) {
    // `FilePath` drops a slash at the end. With the slash, a file of this name would not be noticed.
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
        // Without this, files that are flushed within the folder could be lost together with the folder's name.
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
    // This fails, as it should, if the folder has entries.
    unsafe rmdir(path)
    UnfinishedFiles.ofThisProcess.remove(path)
  }
}
