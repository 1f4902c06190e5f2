import HymbaFormat

extension ModelExport {
  /// Writes the files of the folder. The configuration gets its name last, because a folder of Hugging Face's
  /// does not load without it.
  ///
  /// - Throws: ``FormatError/outputExists`` for existing files that may not be replaced, and what the writer
  ///   and the cast throw.
  func writeFolder(_ outcome: inout ExportOutcome, _ progress: (Int) -> Void) throws {
    let writer = try ShardedWriter(
      tensors, shardBytes: options.shardBytes, metadata: try model.exportMetadata(for: layout))
    let path = options.output
    let present = try naming(path) { try ShardedWriter.weightFiles(in: path) }
    if let name = present.first, !options.replace {
      throw FileDiagnosis(FileSystem.path(path, name), FormatError.outputExists)
    }
    try model.requireAll(of: present, in: path)
    let folder = try naming(path) {
      try OutputFolder(path, replace: options.replace, mode: tensors.outputMode)
    }
    let configuration = try FolderConfiguration(of: model, for: layout, in: path, after: cast)
    if let configuration {
      outcome.notes += configuration.notes
      if configuration.document != nil {
        if !options.replace, FileSystem.exists(configuration.path) {
          // The error comes before the weights are written.
          throw FileDiagnosis(configuration.path, FormatError.outputExists)
        }
        outcome.companions.append(configuration.name)
      }
      if configuration.isHuggingFace {
        try addCompanions(to: folder, beside: configuration, &outcome)
      }
    }
    if layout == LayoutReference.verbatim.name {
      try addVerbatimCompanions(to: folder, &outcome)
    } else if configuration?.isHuggingFace != true {
      noteKept(model.attached?.fileNames ?? [], &outcome)
    }
    try writer.write(
      into: folder, jobs: options.jobs, verifies: options.verifies, progress: progress)
    if let configuration, let document = configuration.document {
      try folder.addUnlessSame(configuration.name, contents: Array(document.text.utf8))
    }
    _ = try cast?.conclude()
    let second = FolderConfiguration.names.map(OutputFolder.secondName)
    try folder.commit(
      removing: present + second, entries: [ShardedWriter.fileName, ShardedWriter.indexName],
      last: configuration?.name ?? KeptAttachments.configurationFile)
    outcome.files = writer.indexNames + writer.fileNames
    noteNeighbours(configuration, &outcome)
  }

  /// Writes the files that a container keeps of a checkpoint under its own names. Those of another source are
  /// noted and left out: such a checkpoint may be of any kind, so they may not fit its output.
  private func addVerbatimCompanions(
    to folder: OutputFolder, _ outcome: inout ExportOutcome
  ) throws {
    if let attached = model.attached {
      guard model.layout == .verbatim else { return noteKept(attached.fileNames, &outcome) }
      return try add(attached, to: folder, &outcome)
    }
    guard let source = CompanionFiles.folder(of: model.location) else { return }
    let companions = try naming(source) { try CompanionFiles(in: source) }
    let configuration = ["config.json"].filter {
      FileSystem.exists(FileSystem.path(source, $0))
    }
    let names = configuration + companions.names
    if !names.isEmpty { outcome.notes.append(ExportNote.verbatimLeaves(names)) }
  }

  private func noteKept(_ names: [String], _ outcome: inout ExportOutcome) {
    if !names.isEmpty { outcome.notes.append(ExportNote.keptLeaves(names)) }
  }

  /// Writes the files that a container keeps. It may come from a stranger, so only names that a library reads are
  /// written.
  ///
  /// - Parameter configuration: The configuration file that is written in any case; nil where none is.
  private func add(
    _ attached: AttachedSource, to folder: OutputFolder,
    beside configuration: FolderConfiguration? = nil, _ outcome: inout ExportOutcome
  ) throws {
    var left: [String] = []
    for name in attached.fileNames {
      let contents = try naming(model.location) { try attached.bytes(of: .file(name)) ?? [] }
      var target = name
      if name == KeptAttachments.configurationFile, let document = configuration?.document {
        if document.text.utf8.elementsEqual(contents) { continue }
        // Both are kept: the weights were read with the other one.
        target = Self.originalConfiguration
        outcome.notes.append(ExportNote.originalConfiguration(target))
      } else if name != KeptAttachments.configurationFile, !CompanionFiles.isCompanion(name) {
        left.append(name)
        continue
      }
      try folder.addUnlessSame(target, contents: contents)
      outcome.companions.append(target)
    }
    noteKept(left, &outcome)
  }

  /// The name of a source's own `config.json` where another configuration describes the weights.
  private static let originalConfiguration = "config.original.json"

  /// Copies the companion files of the source. Without a tokenizer the folder cannot process text, so its
  /// absence is noted.
  private func addCompanions(
    to folder: OutputFolder, beside configuration: FolderConfiguration,
    _ outcome: inout ExportOutcome
  ) throws {
    if let attached = model.attached, !attached.fileNames.isEmpty {
      try add(attached, to: folder, beside: configuration, &outcome)
      if !CompanionFiles.hasTokenizer(among: attached.fileNames) {
        outcome.notes.append(ExportNote.noTokenizerInside)
      }
      return
    }
    guard let source = CompanionFiles.folder(of: model.location) else {
      return outcome.notes.append(ExportNote.notFromAFolder)
    }
    let companions = try naming(source) { try CompanionFiles(in: source) }
    try companions.copy(into: folder)
    outcome.companions += companions.names
    if !companions.strayLinks.isEmpty {
      outcome.notes.append(ExportNote.strayLinks(companions.strayLinks))
    }
    if !companions.hasTokenizer { outcome.notes.append(ExportNote.noTokenizer) }
  }

  /// Notes files that were in the folder before and that libraries would take for a part of this checkpoint.
  private func noteNeighbours(
    _ configuration: FolderConfiguration?, _ outcome: inout ExportOutcome
  ) {
    var known = Set(outcome.files + outcome.companions)
    // A note about this file exists already.
    if let configuration, configuration.document == nil { known.insert(configuration.name) }
    for name in FolderConfiguration.names where !known.contains(name) {
      guard model.architecture != nil,
        case .other = NeighbouringConfiguration(name, in: options.output, of: model)
      else { continue }
      known.insert(name)
      outcome.notes.append(ExportNote.otherNeighbour(name))
    }
    let left = CompanionFiles.neighbours(in: options.output).filter { !known.contains($0) }
    if !left.isEmpty { outcome.notes.append(ExportNote.leftInFolder(left)) }
  }
}
