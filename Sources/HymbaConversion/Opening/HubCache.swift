import HymbaFormat

/// A model's folder in the cache of Hugging Face: `models--OWNER--NAME`, with its files below `snapshots`.
enum HubCache {
  /// The snapshot that a folder of the cache stands for: the one that `refs/main` names, else the only one; the
  /// path itself for any other file or folder.
  /// - Throws: ``ConversionError/unsupported(_:)`` with the snapshots when several are there.
  static func resolve(_ path: String) throws -> String {
    let folder = FileSystem.path(path, "snapshots")
    guard !path.isEmpty, FileSystem.isDirectory(folder),
      !WeightsFolder.names.contains(where: { FileSystem.hasEntry(FileSystem.path(path, $0)) })
    else { return path }
    return try naming(path) {
      let snapshots = try FileSystem.entries(of: folder).map { FileSystem.path(folder, $0) }
        .filter(FileSystem.isDirectory)
      let head = try? InputFile.contents(
        of: FileSystem.path(path, "refs/main"), limit: Limits.nameBytes)
      if let head {
        let name = String(decoding: head, as: UTF8.self).filter { !$0.isWhitespace }
        if let snapshot = snapshots.first(where: { FileSystem.name(of: $0) == name }) {
          return snapshot
        }
      }
      guard let only = snapshots.first, snapshots.count == 1 else {
        let names = snapshots.prefix(4).map { FileSystem.name(of: $0).printable }
        throw ConversionError.unsupported(
          "this is a cache of Hugging Face with \(snapshots.count) snapshots and no refs/main that names one of them; name one"
            + (names.isEmpty ? "" : ": \(names.joined(separator: ", ")) in \(folder.printable)"))
      }
      return only
    }
  }

  /// The model's name in the cache: `Hymba-1.5B-Base` for `models--nvidia--Hymba-1.5B-Base` and for any of its
  /// snapshots; nil elsewhere.
  static func modelName(_ path: String) -> String? {
    var folder = path
    if FileSystem.name(of: FileSystem.folder(of: path)) == "snapshots" {
      folder = FileSystem.folder(of: FileSystem.folder(of: path))
    }
    let name = FileSystem.name(of: folder)
    guard name.hasPrefix("models--"), let start = name.ranges(of: "--").last,
      start.upperBound < name.endIndex
    else { return nil }
    return String(name[start.upperBound...])
  }
}
