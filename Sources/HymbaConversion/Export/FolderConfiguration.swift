import HymbaFormat

/// The configuration that belongs into an exported folder: the checkpoint's own, one that is made, or none; and what
/// is to be said of that.
struct FolderConfiguration {
  let name: String
  let path: String
  let isHuggingFace: Bool
  let document: ConfigurationDocument?
  let notes: [String]

  static let huggingFaceName = "config.json"

  /// Every name that one may have.
  static let names = [huggingFaceName, EdificeConfiguration.fileName]

  /// Nil for a layout whose files tell all themselves.
  /// - Parameter cast: What was done to the tensors of which the document may name the type.
  init?(
    of model: OpenedModel, for layout: String, in folder: String, after cast: ModelCast?
  ) throws {
    guard let family = try ExportDestination.family(layout), family != .architecture else {
      return nil
    }
    isHuggingFace = family.isHuggingFace
    name = isHuggingFace ? Self.huggingFaceName : EdificeConfiguration.fileName
    path = FileSystem.path(folder, name)
    let isThere = FileSystem.exists(path)
    if !isHuggingFace {
      document = try EdificeConfiguration.optionsDocument(of: model)
      notes =
        document == nil
        ? [isThere ? ExportOutcome.otherOptions : ExportOutcome.noOptions]
        : model.description.configuration == nil ? [ExportOutcome.derivedOptions] : []
    } else if let own = try model.exportConfiguration(for: layout) {
      document = own
      notes = own.typeNote(after: cast)
    } else if let derived = try model.derivedConfiguration(for: layout) {
      document = derived
      notes = [ExportOutcome.derivedConfiguration]
    } else {
      document = nil
      notes = [isThere ? ExportOutcome.otherConfiguration : ExportOutcome.noConfiguration]
    }
  }
}

extension ConfigurationDocument {
  /// The configuration is kept verbatim, so it may name the type that the tensors had before.
  fileprivate func typeNote(after cast: ModelCast?) -> [String] {
    guard let type = cast?.report.dtype.elementType, type != .float64,
      let value = try? JSONValue(parsing: Array(text.utf8), .python),
      case .string(let declared)? = value["torch_dtype"] ?? value["dtype"]
    else { return [] }
    guard type.torchName != declared else { return [] }
    return [
      "config.json is kept as it was and says torch_dtype \(declared.printable), but the tensors are \(type.rawValue) now"
    ]
  }
}
