package import HymbaFormat

/// Writes a checkpoint as a GGUF file of version 3.
package enum GGUFWriter {
  private static let version: UInt32 = 3
  /// The format's default alignment of the data, in bytes.
  private static let alignment = 32

  /// Writes every tensor of `source`, in its order, into the file `path`.
  ///
  /// - Parameters:
  ///   - source: F32 tensors under the names that llama.cpp knows.
  ///   - type: The type in which a tensor is stored.
  ///   - keys: The keys, in the order in which they are written.
  ///   - jobs: The number of windows that are read and encoded at once.
  ///   - verifies: Whether the written file is read again, and compared with what was to be written, before it gets
  ///     its name. In any case the file is opened once to check it.
  ///   - counting: Is told what storing did to the numbers that are not F32.
  ///   - progress: Is told the bytes that were written, and those that were compared, since the last call.
  ///   - conclude: Called when everything is written, before the file gets its name. If it throws, no file is left.
  /// - Throws: ``GGUFWritingError``, `FormatError.writtenDiffers`, the errors of `OutputFile` and of the source.
  /// - Complexity: Reads each tensor once, and once more when `verifies` is true.
  package static func write(
    _ source: any CheckpointSource, as type: (TensorDescriptor) -> GGUFType, keys: [GGUFEntry],
    to path: String, replace: Bool, jobs: Int, verifies: Bool = true,
    counting: @escaping @Sendable (CastCounts, String, Range<Int>) -> Void = { _, _, _ in },
    progress: (Int) -> Void = { _ in }, conclude: () throws -> Void = {}
  ) throws {
    try OutputFile.requirePlace(path, replace: replace)
    let encoded = try GGUFEncoding(source, as: type, counting: counting)
    let (head, starts, total) = try header(encoded, keys)
    try FileSystem.requireFreeBytes(total, forFileAt: path)
    let output = try OutputFile(path, replace: replace, expectedBytes: total, mode: source.outputMode)
    try output.write(head, at: 0)
    let tensors = Array(encoded.tensors)
    var index = 0
    try encoded.forEachWindow(of: tensors, jobs: jobs) { window in
      try output.write(window.bytes, at: head.count + starts[index] + window.offset)
      progress(window.bytes.count)
      guard window.isLast else { return }
      let end = starts[index] + window.tensor.byteCount
      index += 1
      // Every tensor is padded, the last one too.
      let next = head.count + (index < starts.count ? starts[index] : total - head.count)
      let padding = [UInt8](repeating: 0, count: next - head.count - end)
      if !padding.isEmpty { try output.write(padding, at: head.count + end) }
    }
    try conclude()
    try output.commit(byteCount: total) { path in
      let written = try FormatError.readingBack { try GGUFSource(path) }
      if verifies {
        try encoded.requireSame(in: GGUFStoredBytes(written), jobs: jobs, progress: progress)
      }
    }
  }

  /// The bytes of a GGUF file with keys and no tensors.
  /// - Throws: ``GGUFWritingError`` for a key that the format cannot hold.
  package static func file(of keys: [GGUFEntry]) throws(GGUFWritingError) -> [UInt8] {
    padded(try opening(tensors: 0, keys))
  }

  /// Everything before the data, the offset of each tensor in the data, and the bytes of the whole file.
  private static func header(
    _ encoded: GGUFEncoding, _ keys: [GGUFEntry]
  ) throws(GGUFWritingError) -> (head: [UInt8], starts: [Int], total: Int) {
    var head = try opening(tensors: encoded.tensors.count, keys)
    var starts: [Int] = []
    var end = 0
    for tensor in encoded.tensors {
      let (shape, type) = encoded.stored(tensor)
      guard tensor.name.utf8.count < Limits.ggufNameBytes, !tensor.name.hasControlCharacters else {
        throw .name(tensor.name)
      }
      head += GGUFEntry.text(tensor.name)
      head += UInt32(shape.count).littleEndianBytes
      for size in shape.reversed() { head += Int64(size).littleEndianBytes }
      head += type.rawValue.littleEndianBytes + UInt64(end).littleEndianBytes
      starts.append(end)
      end = aligned(end + tensor.byteCount)
    }
    head = padded(head)
    return (head, starts, head.count + end)
  }

  private static func opening(
    tensors: Int, _ keys: [GGUFEntry]
  ) throws(GGUFWritingError) -> [UInt8] {
    var bytes = GGUFFile.magic + version.littleEndianBytes
    bytes += Int64(tensors).littleEndianBytes + Int64(keys.count).littleEndianBytes
    for entry in keys {
      guard (1...Limits.ggufKeyBytes).contains(entry.key.utf8.count) else { throw .name(entry.key) }
      bytes += GGUFEntry.text(entry.key) + entry.bytes
    }
    return bytes
  }

  private static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: aligned(bytes.count) - bytes.count)
  }
}
