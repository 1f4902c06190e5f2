import HymbaFormat

/// An output that lies where its source does. Nothing of the source is replaced before everything is read and
/// written, so that a source may be replaced by what is made of all of it; not by what is made of a part.
extension OpenedModel {
  /// - Throws: ``ConversionError/exportImpossible(_:)`` when one file would take the place of one of several that
  ///   make up this checkpoint.
  package func requireIntact(afterWriting file: String) throws {
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

  /// Whether a file holds tensors of this checkpoint, whatever it is called.
  package func isSource(_ file: String) -> Bool {
    guard let target = FileIdentity(file) else { return false }
    return parameters.filePaths.contains { FileIdentity($0) == target }
  }

  /// - Parameter weights: Names of the files of the folder that would be replaced or removed.
  /// - Throws: ``ConversionError/exportImpossible(_:)`` when the folder holds this checkpoint and weights that do not
  ///   belong to it.
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

extension ModelCast {
  /// - Parameter output: A file or a folder.
  /// - Throws: ``ConversionError/exportImpossible(_:)`` when it is, or holds, the source of a cast that may lose
  ///   something, which cannot be got back from its result.
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
