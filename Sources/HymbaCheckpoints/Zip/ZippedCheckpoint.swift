public import HymbaFormat

/// Opens zip archives by their content.
public enum ZippedCheckpoint {
  /// Whether a file that begins with `prefix` is a zip archive, with entries or empty.
  package static func isZip(prefix: [UInt8]) -> Bool {
    prefix.starts(with: Array("PK\u{3}\u{4}".utf8))
      || prefix.starts(with: Array("PK\u{5}\u{6}".utf8))
  }

  /// Opens a PyTorch checkpoint or NumPy arrays, whichever the zip archive at `path` holds.
  /// - Throws: ``ZipError``, also for an archive of something else; ``PyTorchError``, ``NumPyError``,
  ///   `FormatError`.
  public static func open(_ path: String) throws -> any CheckpointSource {
    let archive = try ZipArchive(path)
    let names = archive.entries.map(\.name)
    if names.contains(where: { $0 == "archive_format" || $0.hasSuffix("/archive_format") }) {
      throw PyTorchError.exportedProgram
    }
    if let (root, pickle) = try PyTorchSource.root(of: archive) {
      return try PyTorchSource(archive, at: path, root: root, pickle: pickle)
    }
    if names.contains(where: { $0.hasSuffix(NumPySource.suffix) }) {
      return try NumPySource(archive, at: path)
    }
    if names.contains("model.weights.h5") {
      throw ZipError.foreign("a Keras model; unpack it and name its model.weights.h5")
    }
    throw ZipError.foreign(
      "a zip archive of neither PyTorch nor NumPy (its first entry is “\(names[0].printable)”); unpack it and name the checkpoint in it"
    )
  }
}
