import HymbaFormat

extension ModelExport {
  /// Writes the folder's files. `config.json` comes last: a folder of Hugging Face's does not load without it.
  func writeFolder(_ outcome: inout ExportOutcome, _ progress: (Int) -> Void) throws {
    let writer = try ShardedWriter(
      tensors, shardBytes: options.shardBytes, metadata: try model.exportMetadata(for: layout))
    let path = options.output
    let present = try naming(path) { try ShardedWriter.weightFiles(in: path) }
    if let name = present.first, !options.replace {
      throw FileDiagnosis(FileSystem.path(path, name), FormatError.outputExists)
    }
    try model.requireAll(of: present, in: path)
    let folder = try naming(path) { try OutputFolder(path, replace: options.replace) }
    var configuration: ConfigurationDocument?
    if try ExportDestination.family(layout)?.isHuggingFace ?? false {
      configuration = try chooseConfiguration(&outcome)
      if configuration != nil, !options.replace, FileSystem.exists(configurationPath) {
        // Now, and not when all weights are written.
        throw FileDiagnosis(configurationPath, FormatError.outputExists)
      }
      try addCompanions(to: folder, &outcome)
    }
    try writer.write(
      into: folder, jobs: options.jobs, verifies: options.verifies, progress: progress)
    if let configuration {
      try folder.addUnlessSame(
        Self.configurationName, contents: Array(configuration.text.utf8))
    }
    _ = try cast?.conclude()
    try folder.commit(removing: present, last: Self.configurationName)
    outcome.files = writer.indexNames + writer.fileNames
  }

  private static let configurationName = "config.json"
  private var configurationPath: String {
    FileSystem.path(options.output, Self.configurationName)
  }

  /// The checkpoint's own, one that is made, or none; and what is to be said of that.
  private func chooseConfiguration(
    _ outcome: inout ExportOutcome
  ) throws -> ConfigurationDocument? {
    if let configuration = try model.exportConfiguration(for: layout) {
      outcome.companions.append(Self.configurationName)
      outcome.notes += configuration.typeNote(after: cast)
      return configuration
    }
    if let configuration = try model.derivedConfiguration(for: layout) {
      outcome.companions.append(Self.configurationName)
      outcome.notes.append(ExportOutcome.derivedConfiguration)
      return configuration
    }
    outcome.notes.append(
      FileSystem.exists(configurationPath) ? ExportOutcome.otherConfiguration : ExportOutcome.noConfiguration)
    return nil
  }

  /// Without a tokenizer the folder takes no text.
  private func addCompanions(to folder: OutputFolder, _ outcome: inout ExportOutcome) throws {
    guard let source = CompanionFiles.folder(of: model.location) else {
      return outcome.notes.append(ExportOutcome.notFromAFolder)
    }
    let companions = try naming(source) { try CompanionFiles(in: source) }
    try companions.copy(into: folder)
    outcome.companions += companions.names
    if !companions.strayLinks.isEmpty {
      outcome.notes.append(ExportOutcome.strayLinks(companions.strayLinks))
    }
    if !companions.hasTokenizer { outcome.notes.append(ExportOutcome.noTokenizer) }
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
