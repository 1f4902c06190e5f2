import HymbaFormat

/// The folder of a model in the cache of Hugging Face: `models--OWNER--NAME`, with the files in folders below
/// `snapshots`.
enum HubCache {
  /// The path of the snapshot that a folder of the cache stands for: the one that `refs/main` names, or else
  /// the only one. For any other file or folder it is `path` itself.
  /// - Throws: `FileDiagnosis` with ``ConversionError/unsupported(_:)``, which names some snapshots, where
  ///   there is neither.
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

  /// The name of the model, for a folder in the cache or one of its snapshots: `Hymba-1.5B-Base` for
  /// `models--nvidia--Hymba-1.5B-Base`. It is nil for any other path.
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
