import HymbaCheckpoints
package import HymbaFormat

/// Opens any supported checkpoint file or folder by its content.
package enum SourceOpener {
  /// Opens the checkpoint at `path`.
  /// - Throws: `FileDiagnosis` with the path, and with ``FormatError``, an error of the reader of the file, or
  ///   ``ConversionError`` for a file or a folder that is no checkpoint.
  package static func open(_ path: String) throws -> any CheckpointSource {
    if ContainerSource.isInParts(path) { return try ContainerSource(parts: path) }
    if FileSystem.isDirectory(path) { return try WeightsFolder(path).open() }
    return try naming(path) {
      guard FileSystem.hasEntry(path) else {
        throw ConversionError.noInput(MissingPath(path).description)
      }
      if path.hasSuffix(".weights.json") { return try openKerasShards(path) }
      if path.hasSuffix(".index.json") { return try ShardedSource(index: path, open: openFile) }
      return try openFile(path)
    }
  }

  private static func openFile(_ path: String) throws -> any CheckpointSource {
    let file = try InputFile(path)
    let prefix = try file.bytes(at: 0, count: min(ForeignFile.prefixBytes, file.byteCount))
    // Edifice's format is tried before safetensors. A compressed .nx may have any byte where a safetensors
    // header begins, but no safetensors file below a terabyte looks like an .nx.
    if EdificeSource.isEdifice(prefix: prefix, fileBytes: file.byteCount) {
      return try EdificeSource(path)
    }
    // The length before the header of a safetensors file has zero bytes. That tells it from a text in JSON,
    // which has none.
    if prefix.count > 8, prefix[8] == UInt8(ascii: "{"), prefix[..<8].contains(0) {
      return try CheckpointFile.openSafetensors(path)
    }
    if ZippedCheckpoint.isZip(prefix: prefix) { return try ZippedCheckpoint.open(path) }
    if NumPySource.isArray(prefix: prefix) { return try NumPySource(array: path) }
    if GGUFSource.isGGUF(prefix: prefix) { return try GGUFSource(path) }
    if LegacyPickle.isPickle(prefix: prefix) { return try LegacyPickle.open(path) }
    if try HDF5Signature.isIn(file) { return try openHDF5(path) }
    if let kind = ForeignFile.kind(prefix: prefix, path: path) {
      throw ConversionError.unsupported("this is \(kind)")
    }
    if let error = try TextFile.error(file, prefix) { throw error }
    guard prefix.contains(where: { $0 != 0 }) else {
      throw ConversionError.notACheckpoint(
        prefix.isEmpty
          ? "the file is empty; make, copy or download it again"
          : "it begins with nothing but zero bytes, as a file does whose download or copy was broken off; make, copy or download it again"
      )
    }
    // A damaged file is opened as what its name says. The reader of that format knows best what is wrong.
    if path.hasSuffix(".safetensors") || path.hasSuffix(".hymba") {
      return try CheckpointFile.openSafetensors(path)
    }
    if path.hasSuffix(".nx") { return try EdificeSource(path) }
    if path.hasSuffix(".gguf") { return try GGUFSource(path) }
    if path.hasSuffix(".h5") || path.hasSuffix(".hdf5") { return try openHDF5(path) }
    throw ConversionError.notACheckpoint("its content is that of no supported format")
  }
}
