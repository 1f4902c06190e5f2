import HymbaFormat

/// The place of a file that is to be written, whichever spelling of its path names it.
package struct OutputPlace: Hashable {
  /// Nil where there is no such folder.
  private let folder: FileIdentity?
  private let name: String

  package init(_ path: String) {
    // A link stays when it is written to, and the file that it leads to is replaced.
    let path = FileSystem.isLink(path) ? FileSystem.realPath(path) ?? path : path
    self.folder = FileIdentity(FileSystem.folder(of: path))
    self.name = folder == nil ? path : FileSystem.name(of: path)
  }

  /// Whether each path names a file of its own.
  package static func areDistinct(_ paths: [String]) -> Bool { Set(paths.map(Self.init)).count == paths.count }
}
