import HymbaCheckpoints
public import HymbaFormat

/// Opens any supported checkpoint file or folder by its content.
public enum SourceOpener {
  /// - Throws: ``FormatError``, the errors of the file's own reader, or ``ConversionError`` for what is no
  ///   checkpoint; always with the path in front.
  public static func open(_ path: String) throws -> any CheckpointSource {
    if FileSystem.isDirectory(path) { return try openFolder(path) }
    return try naming(path) {
      if path.hasSuffix(".weights.json") { return try ShardedSource(kerasIndex: path) }
      if path.hasSuffix(".index.json") { return try ShardedSource(index: path, open: openFile) }
      return try openFile(path)
    }
  }

  /// The weights of a Hugging Face folder: the first of these that is there; other files are not weights.
  private static func openFolder(_ path: String) throws -> any CheckpointSource {
    let names = [
      "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json",
      "pytorch_model.bin",
    ]
    for name in names {
      let file = FileSystem.path(path, name)
      if FileSystem.exists(file) { return try open(file) }
    }
    if let kind = ForeignFile.kind(ofFolder: path) {
      throw FileDiagnosis(path, ConversionError.otherKind(kind))
    }
    throw FileDiagnosis(path, ConversionError.emptyFolder)
  }

  private static func openFile(_ path: String) throws -> any CheckpointSource {
    let file = try InputFile(path)
    let prefix = try file.bytes(at: 0, count: min(ForeignFile.prefixBytes, file.byteCount))
    // In this order: a bare compressed .nx may have any byte where a safetensors header begins, but no
    // safetensors file below a terabyte looks like an .nx.
    if EdificeSource.isEdifice(prefix: prefix, fileBytes: file.byteCount) {
      return try EdificeSource(path)
    }
    if prefix.count > 8, prefix[8] == UInt8(ascii: "{") {
      return try CheckpointFile.openSafetensors(path)
    }
    if ZippedCheckpoint.isZip(prefix: prefix) { return try ZippedCheckpoint.open(path) }
    if NumPySource.isArray(prefix: prefix) { return try NumPySource(array: path) }
    if LegacyPickle.isPickle(prefix: prefix) { return try LegacyPickle.open(path) }
    if try HDF5Source.isHDF5(file) { return try HDF5Source(path) }
    if let kind = ForeignFile.kind(prefix: prefix, path: path) {
      throw ConversionError.unsupported("this is \(kind)")
    }
    // A damaged file is still what its name says: its own reader knows best what is wrong.
    if path.hasSuffix(".safetensors") || path.hasSuffix(".hymba") {
      return try CheckpointFile.openSafetensors(path)
    }
    if path.hasSuffix(".nx") { return try EdificeSource(path) }
    if path.hasSuffix(".h5") || path.hasSuffix(".hdf5") { return try HDF5Source(path) }
    throw ConversionError.notACheckpoint(
      prefix.isEmpty ? "the file is empty" : "its content is that of no supported format")
  }
}
