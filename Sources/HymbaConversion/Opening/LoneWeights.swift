import HymbaFormat

/// The only file with weights in a folder that has none of the usual names.
package enum LoneWeights {
  private static let adapters = ["adapter_model.safetensors", "adapter_model.bin"]

  /// The path of the file.
  /// - Returns: Nil for a path that is no folder, for a folder with weights of a usual name, and for one with
  ///   several files that may be weights, unless one of them is an adapter.
  package static func path(in folder: String) -> String? {
    guard FileSystem.isDirectory(folder), let entries = try? FileSystem.entries(of: folder),
      !(WeightsFolder.names + [PartName.index]).contains(where: entries.contains)
    else { return nil }
    let files = FolderContents(folder, entries).files
    guard let file = adapters.first(where: entries.contains) ?? (files.count == 1 ? files[0] : nil)
    else { return nil }
    return FileSystem.path(folder, file)
  }
}
