import HymbaCheckpoints
public import HymbaFormat

/// Opens any supported checkpoint file or folder by its content.
public enum SourceOpener {
  /// - Throws: ``FormatError``, the errors of the file's own reader, or ``ConversionError`` for what is no
  ///   checkpoint; always with the path in front.
  public static func open(_ path: String) throws -> any CheckpointSource {
    if FileSystem.isDirectory(path) { return try openFolder(path) }
    return try naming(path) {
      if path.hasSuffix(".index.json") { return try ShardedSource(index: path) }
      return try openFile(path)
    }
  }

  /// The weights of a Hugging Face folder: the first of these that is there; other files are not weights.
  private static func openFolder(_ path: String) throws -> any CheckpointSource {
    for name in ["model.safetensors.index.json", "model.safetensors"] {
      let file = FileSystem.path(path, name)
      if FileSystem.exists(file) { return try open(file) }
    }
    for name in ["pytorch_model.bin.index.json", "pytorch_model.bin"] {
      let file = FileSystem.path(path, name)
      if FileSystem.exists(file) {
        throw FileDiagnosis(file, ConversionError.unsupported(pyTorchAdvice))
      }
    }
    throw FileDiagnosis(path, ConversionError.emptyFolder)
  }

  private static let pyTorchAdvice =
    "this is a PyTorch pickle, which is not supported; save it as safetensors with Python's safetensors.torch.save_file"

  private static func openFile(_ path: String) throws -> any CheckpointSource {
    let file = try InputFile(path)
    let prefix = try file.bytes(at: 0, count: min(64, file.byteCount))
    // In this order: a bare compressed .nx may have any byte where a safetensors header begins, but no
    // safetensors file below a terabyte looks like an .nx.
    if EdificeSource.isEdifice(prefix: prefix, fileBytes: file.byteCount) {
      return try EdificeSource(path)
    }
    if prefix.count > 8, prefix[8] == UInt8(ascii: "{") {
      return try CheckpointFile.openSafetensors(path)
    }
    if try HDF5Source.isHDF5(file) { return try HDF5Source(path) }
    // A damaged file is still what its name says: its own reader knows best what is wrong.
    if path.hasSuffix(".safetensors") || path.hasSuffix(".hymba") {
      return try CheckpointFile.openSafetensors(path)
    }
    if path.hasSuffix(".nx") { return try EdificeSource(path) }
    if path.hasSuffix(".h5") || path.hasSuffix(".hdf5") { return try HDF5Source(path) }
    throw recognise(prefix)
  }

  /// Files of other kinds, by their first bytes.
  private static func recognise(_ prefix: [UInt8]) -> ConversionError {
    func starts(_ bytes: [UInt8]) -> Bool { prefix.starts(with: bytes) }
    if prefix.isEmpty { return .notACheckpoint("the file is empty") }
    if starts(Array("GGUF".utf8)) {
      return .unsupported("this is a GGUF file; convert the checkpoint that it was made from")
    }
    if starts(Array("PK".utf8)) {
      return .unsupported(
        "this is a zip archive, as PyTorch and NumPy write them, which is not supported; save it as safetensors"
      )
    }
    if starts([0x80, 0x02]) || starts([0x80, 0x04]) { return .unsupported(pyTorchAdvice) }
    return .notACheckpoint("its content is that of no supported format")
  }
}
