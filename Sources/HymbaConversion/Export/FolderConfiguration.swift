import HymbaFormat

/// The configuration file of an exported folder: the checkpoint's own, one that is derived from the
/// architecture, or none.
struct FolderConfiguration {
  /// The name of the file in the folder.
  let name: String
  let path: String
  let isHuggingFace: Bool
  /// The document to write; nil when none can be given.
  let document: ConfigurationDocument?
  /// The notes about where the document came from, or why there is none.
  let notes: [ExportNote]

  /// All names that a configuration file may have.
  static let names = Families.configurationFiles

  /// Makes the configuration of a model; nil for a layout whose files need none.
  ///
  /// - Parameter cast: The cast of the tensors, whose type the document may name; nil for none.
  /// - Throws: ``ConversionError`` for a layout that cannot be read, and the errors of reading the checkpoint's
  ///   own document.
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
