import HymbaFormat

/// Checks for an output that lies where its source does. A source may be replaced by an output that is made of
/// all of it, because nothing is replaced before everything is read and written. It may not be replaced by an
/// output that is made of a part of it.
extension OpenedModel {
  /// Refuses an output file that is one of several files of this checkpoint.
  ///
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  package func requireIntact(afterWriting file: String) throws {
    try container?.chain.dropFirst().first?.requireKept(afterWriting: file)
    let sources = parameters.filePaths
    guard sources.count > 1, let target = FileIdentity(file),
      sources.contains(where: { FileIdentity($0) == target })
    else { return }
    throw FileDiagnosis(
      file,
      ConversionError.exportImpossible(
        "this is one of the \(sources.count) files of the source, which would not be whole without it; name another output"
      ))
  }

  /// Whether a file holds tensors of this checkpoint. Links and other names of the same file count.
  package func isSource(_ file: String) -> Bool {
    guard let target = FileIdentity(file) else { return false }
    return parameters.filePaths.contains { FileIdentity($0) == target }
  }

  /// Refuses a folder that holds this checkpoint together with weights that do not belong to it.
  ///
  /// - Parameter weights: The names of files in the folder that would be replaced or removed.
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  func requireAll(of weights: [String], in folder: String) throws {
    let sources = Set(parameters.filePaths.compactMap(FileIdentity.init))
    let present = weights.filter { !$0.hasSuffix(".json") && !OutputFolder.isSecondName($0) }
      .compactMap { name in
        FileIdentity(FileSystem.path(folder, name)).map { (name: name, isSource: sources.contains($0)) }
      }
    guard present.contains(where: \.isSource), let other = present.first(where: { !$0.isSource })
    else { return }
    throw FileDiagnosis(
      FileSystem.path(folder, other.name),
      ConversionError.exportImpossible(
        "this would be removed and is no part of the source, which lies in the same folder; name another folder"
      ))
  }
}

extension ContainerSource {
  /// Refuses an output file in the place of this container, or of one that it is relative to.
  ///
  /// - Parameter file: The path of the output.
  /// - Throws: `FileDiagnosis` with the path, and with ``ConversionError/exportImpossible(_:)``.
  package func requireKept(afterWriting file: String) throws {
    guard let target = FileIdentity(file), chain.contains(where: { FileIdentity($0.location) == target })
    else { return }
    throw FileDiagnosis(
      file,
      ConversionError.exportImpossible(
        "this is a base, without which what is relative to it cannot be read; name another output"))
  }
}

extension ModelCast {
  /// Refuses an output that is, or holds, the source of a cast that may lose values: the source cannot be
  /// restored from the result.
  ///
  /// - Parameter output: The path of a file or a folder.
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  package func requireApart(from output: String) throws {
    guard narrows else { return }
    let target = FileIdentity(output)
    let isHeld =
      target != nil
      && model.parameters.filePaths.contains {
        FileIdentity(FileSystem.folder(of: $0)) == target
      }
    guard isHeld || model.isSource(output) else { return }
    throw FileDiagnosis(
      output,
      ConversionError.exportImpossible(
        "the cast would take the place of the checkpoint that it is made from, which cannot be got back from it; name another output"
      ))
  }
}
