import HymbaFormat
import HymbaModel

/// A safetensors file that is written alone, and what lies beside it: an index that hides it, a configuration that
/// tells what the file does not.
struct LoneFile {
  let path: String

  private var folder: String { FileSystem.folder(of: path) }

  /// - Throws: ``ConversionError/exportImpossible(_:)`` for the one file of a folder where an index names others,
  ///   which are loaded in its place.
  func requireSeen() throws {
    guard FileSystem.name(of: path) == ShardedWriter.fileName,
      let index = try? ShardIndex(reading: FileSystem.path(folder, ShardedWriter.indexName)),
      index.weightMap.contains(where: { $0.value != ShardedWriter.fileName })
    else { return }
    throw FileDiagnosis(
      path,
      ConversionError.exportImpossible(
        "the \(ShardedWriter.indexName) beside it names other files, which would be loaded in its place; name the folder with -o and pass --force to replace them, or name another file"
      ))
  }

  /// What a reader of the file will miss, or take from another model.
  /// - Parameter family: Of the configuration that belongs to the names in the file.
  func notes(_ model: OpenedModel, _ family: ConfigurationFamily?) -> [String] {
    switch family {
    case .nvidiaHymba?, .jamba?, .zamba?:
      switch NeighbouringConfiguration("config.json", in: folder, of: model) {
      case .none: [ExportOutcome.loneFile]
      case .other(let name): [ExportOutcome.otherNeighbour(name)]
      case .same: []
      }
    case .edifice?: edificeNotes(model)
    case .architecture?, nil: []
    }
  }

  /// The number of heads is in no tensor's shape. One that was assumed is assumed again.
  private func edificeNotes(_ model: OpenedModel) -> [String] {
    let found = FolderConfiguration.names.map {
      NeighbouringConfiguration($0, in: folder, of: model)
    }
    for case .other(let name) in found { return [ExportOutcome.otherNeighbour(name)] }
    guard AssumedOption.names(in: model.assumptions).isEmpty, !found.contains(.same),
      let heads = model.architecture?.layers.first?.attention?.heads
    else { return [] }
    return [ExportOutcome.headsNotInFile(heads)]
  }
}
