package import HymbaFormat

/// Writes a checkpoint as `Edifice.Checkpoint.save/3` does: an `.nx` file, stored without compression.
package enum EdificeWriter {
  /// Writes every tensor of `source`, sorted by layer and parameter. The names must be `layer.parameter`.
  ///
  /// - Parameters:
  ///   - spec: What the metadata says of the network; nil for a file that does not say it.
  ///   - metadata: Further texts for the metadata. Those that repeat what the spec says are left out.
  ///   - jobs: Windows that are read and decoded at once.
  ///   - verifies: Whether the written file is read again and compared with the source, before it gets its
  ///     name. In any case the file is opened once to check it.
  ///   - progress: Gets the number of bytes that were just written, or just compared.
  ///   - conclude: Called when everything is written, before the file gets its name. If it throws, no file is
  ///     left.
  /// - Throws: ``EdificeWritingError``, `FormatError.writtenDiffers`, the errors of `OutputFile` and of the
  ///   source.
  /// - Complexity: Reads each tensor once, and once more when `verifies` is true.
  package static func write(
    _ source: any CheckpointSource, to path: String, replace: Bool, spec: EdificeSpecification?,
    metadata: NameTable<String> = [:], jobs: Int, verifies: Bool = true,
    progress: (Int) -> Void = { _ in },
    conclude: () throws -> Void = {}
  ) throws {
    try OutputFile.requirePlace(path, replace: replace)
    let metadata = try EdificeMetadata.term(spec: spec, texts: metadata)?.external ?? []
    let (tree, ordered) = try NxTree.term(of: source.tensors)
    let head = try header(metadata: metadata, tree: tree.external)
    let total = head.count + source.tensors.totalBytes
    try FileSystem.requireFreeBytes(total, forFileAt: path)

    let output = try OutputFile(
      path, replace: replace, expectedBytes: total, mode: source.outputMode)
    try output.write(head, at: 0)
    var cursor = head.count
    try source.forEachWindow(of: ordered, jobs: jobs) { window in
      try output.write(window.bytes, at: cursor)
      cursor += window.bytes.count
      progress(window.bytes.count)
    }
    try conclude()
    try output.commit(byteCount: total) { path in
      let written = try FormatError.readingBack { try EdificeSource(path) }
      if verifies { try source.requireSame(in: written, jobs: jobs, progress: progress) }
    }
  }

  /// Everything before the tensor data: the outer header, the metadata, the header of the container, and the
  /// tree. The byte order is 0, because the data is little-endian.
  private static func header(
    metadata: [UInt8], tree: [UInt8]
  ) throws(EdificeWritingError) -> [UInt8] {
    guard metadata.count <= Limits.edificeMetadataBytes else {
      throw .metadataTooLarge(bytes: metadata.count, limit: Limits.edificeMetadataBytes)
    }
    guard tree.count <= Limits.edificeTreeBytes else {
      throw .treeTooLarge(bytes: tree.count, limit: Limits.edificeTreeBytes)
    }
    return [0] + Term.bigEndian(UInt64(metadata.count), bytes: 4) + metadata
      + NxContainer.magic + [1, 0] + Term.bigEndian(UInt64(tree.count), bytes: 8) + tree
  }
}
