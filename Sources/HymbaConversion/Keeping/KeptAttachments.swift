package import HymbaFormat

/// What a new container keeps beside the tensors of a checkpoint: the files of the folder that it came from, or
/// everything that an older container keeps.
package struct KeptAttachments: Sendable {
  package var attachments = Attachments()
  /// What is not kept, and why, one sentence each.
  package private(set) var notes: [String] = []

  /// Finds what is kept. Of files, nothing is read but what is compared with the manifest.
  ///
  /// - Parameters:
  ///   - model: The checkpoint as it was opened, before a cast.
  ///   - files: Whether files are kept.
  ///   - reference: Whether the reference in an older container is kept.
  /// - Throws: `FileDiagnosis` with the path of a folder or a file that cannot be read.
  package init(of model: OpenedModel, files: Bool, reference: Bool) throws {
    if let attached = model.attached {
      try attachments.add(attached) { name in
        switch name {
        case .file: files
        case .probe: reference
        case .unknown: true
        }
      }
      let unnamed = attached.unnamedEntries
      if !unnamed.isEmpty {
        notes.append(
          "not kept, as a later version added it and only that knows what it is: \(Self.list(unnamed))")
      }
    } else if files, let keys = try model.keysAsGGUF {
      if keys.count <= Limits.attachedFileBytes {
        try attachments.add(.file(OpenedModel.ggufKeysFile), bytes: keys)
      } else {
        notes.append("the keys of the GGUF file are not kept inside, as they take more than \(Limits.attachedFileBytes >> 20) MiB")
      }
    } else if files, let folder = CompanionFiles.folder(of: model.location) {
      try add(from: folder, model.description.configuration, ofWholeFolder: true)
    } else if files, model.location != StandardInput.path {
      try add(from: FileSystem.folder(of: model.location), model.description.configuration, ofWholeFolder: false)
    }
  }

  /// Adds a note.
  package mutating func note(_ sentence: String) { notes.append(sentence) }

  /// Adds the companion files of a folder, and its `config.json` where the manifest does not hold these bytes.
  ///
  /// - Parameter ofWholeFolder: Whether the folder was named. Of that around a lone file, only what tells of text is kept:
  ///   code and configurations in it may be of something else.
  private mutating func add(
    from folder: String, _ configuration: ConfigurationDocument?, ofWholeFolder: Bool
  ) throws {
    let companions = try naming(folder) { try CompanionFiles(in: folder) }
    var names = companions.names
    if !ofWholeFolder {
      guard companions.hasTokenizer else { return }
      names.removeAll { $0.hasSuffix(".py") }
    } else if let path = companions.path(of: Self.configurationFile) {
      let isHeld = try naming(path) {
        let file = try InputFile(path)
        guard let text = configuration?.text.utf8, file.byteCount == text.count else { return false }
        return try file.bytes(at: 0, count: file.byteCount).elementsEqual(text)
      }
      if !isHeld { names.append(Self.configurationFile) }
    }
    var (large, others): ([String], [String]) = ([], [])
    var bytes = 0
    for name in names.sorted(by: { $0.utf8Precedes($1) }) {
      guard let path = companions.path(of: name) else { continue }
      let size = try naming(path) { try InputFile(path).byteCount }
      if size > Limits.attachedFileBytes {
        large.append(name)
      } else if !AttachmentName.isFileName(name) || attachments.tensors.count == Limits.attachedFiles
        || bytes + size > Limits.attachedFilesBytes
      {
        others.append(name)
      } else {
        try naming(path) { try attachments.add(.file(name), file: path) }
        bytes += size
      }
    }
    for (names, why) in [
      (companions.strayLinks, "links that lead out of the source folder"),
      (large, "files of more than \(Limits.attachedFileBytes >> 20) MiB"),
      (others, "more or larger files than a container holds, or names that it cannot hold"),
    ] where !names.isEmpty {
      notes.append("not kept inside, as they are \(why): \(Self.list(names))")
    }
  }

  /// The names of the files that are kept.
  package var fileNames: [String] {
    attachments.names.compactMap { if case .file(let name) = $0 { name } else { nil } }
  }

  static let configurationFile = "config.json"

  private static func list(_ names: [String]) -> String {
    names.map(\.printable).joined(separator: ", ")
  }
}
