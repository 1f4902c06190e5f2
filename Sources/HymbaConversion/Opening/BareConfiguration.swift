import HymbaFormat

/// A configuration that lies alone in a folder, as a download without the weights leaves it.
package enum BareConfiguration {
  /// The path of the configuration in a folder without weights.
  ///
  /// - Parameter folder: The path of the folder, or of a folder in the cache of Hugging Face.
  /// - Returns: Nil for a path that is no folder, for a folder with anything that may be weights, and for one
  ///   without a configuration of a known kind of name.
  package static func path(in folder: String) -> String? {
    guard let folder = try? HubCache.resolve(folder), FileSystem.isDirectory(folder),
      let entries = try? FileSystem.entries(of: folder),
      FolderContents(folder, entries).isWithoutWeights,
      let name = Families.configurationFiles.first(where: entries.contains)
    else { return nil }
    return FileSystem.path(folder, name)
  }
}
