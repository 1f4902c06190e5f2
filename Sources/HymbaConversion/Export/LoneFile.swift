import HymbaFormat
import HymbaModel

/// A safetensors file that is written alone, and what lies beside it: an index that hides it, a configuration that
/// tells what the file does not.
struct LoneFile {
  let path: String

  var folder: String { FileSystem.folder(of: path) }

  /// - Throws: ``ConversionError/hiddenByIndex(_:)`` for the one file of a folder where an index names others,
  ///   which are loaded in its place.
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
