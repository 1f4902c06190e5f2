import HymbaFormat
import HymbaModel

/// A safetensors file that is written without a folder of its own. An index beside it may hide it, and a
/// configuration beside it may tell what the file does not.
struct LoneFile {
  let path: String

  var folder: String { FileSystem.folder(of: path) }

  /// Refuses a file that would not be loaded.
  ///
  /// - Throws: ``ConversionError/hiddenByIndex(_:)`` for the name `model.safetensors` in a folder whose index
  ///   names other files, which are loaded in its place.
  func requireSeen() throws {
    guard FileSystem.name(of: path) == ShardedWriter.fileName,
      let index = try? ShardIndex(reading: FileSystem.path(folder, ShardedWriter.indexName)),
      index.weightMap.contains(where: { $0.value != ShardedWriter.fileName })
    else { return }
    throw FileDiagnosis(
      path,
      ConversionError.hiddenByIndex(ShardedWriter.indexName))
  }
}
