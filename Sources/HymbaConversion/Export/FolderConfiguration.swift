import HymbaFormat

/// The configuration that belongs into an exported folder: the checkpoint's own, one that is made, or none; and what
/// is to be said of that.
struct FolderConfiguration {
  let name: String
  let path: String
  let isHuggingFace: Bool
  let document: ConfigurationDocument?
  let notes: [ExportNote]

  /// Every name that one may have.
  static let names = Families.configurationFiles

  /// Nil for a layout whose files tell all themselves.
  /// - Parameter cast: What was done to the tensors of which the document may name the type.
  init?(
    of model: OpenedModel, for layout: String, in folder: String, after cast: ModelCast?
  ) throws {
    guard let family = try ExportDestination.family(layout), let name = family.configurationFile
    else { return nil }
    self.name = name
    path = FileSystem.path(folder, name)
    isHuggingFace = family.isHuggingFace
    (document, notes) = try family.folderConfiguration(
      of: model, for: layout, isThere: FileSystem.exists(path), after: cast)
  }
}
