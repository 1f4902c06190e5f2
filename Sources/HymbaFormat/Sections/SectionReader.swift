import Synchronization
import Zstandard

/// Decodes chunks of one section: its seek table is read once, and contexts for decoding are used again.
final class SectionReader: Sendable {
  let tensor: String
  let geometry: SectionGeometry
  private let file: InputFile
  /// Where the section lies in the file.
  private let range: Range<Int>
  private let table: SeekTable
  private let contexts = Mutex<[Context]>([])

  /// A context, which one thread at a time has.
  private final class Context: @unchecked Sendable {
    var decompressor: Decompressor
    init() throws(ZstandardError) { decompressor = try Decompressor() }
  }

  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a seek table that is not that of such a section, and
  ///   the errors of the file.
  init(
    _ tensor: String, _ geometry: SectionGeometry, _ file: InputFile, _ range: Range<Int>
  ) throws(FormatError) {
    self.tensor = tensor
    self.geometry = geometry
    self.file = file
    self.range = range
    self.table = try SeekTable(
      of: tensor, in: file, range: range, decodedSizes: geometry.frameSizes)
  }

  /// Fills `buffer` with the tensor's logical bytes from `offset` on. Whole chunks are decoded in place; a chunk
  /// that the range only touches is decoded apart.
  ///
  /// - Parameter stored: Is given the number and the stored bytes of each chunk, before it is decoded.
  func read(
    from offset: Int, into buffer: inout MutableRawSpan,
    stored: (Int, [UInt8]) throws -> Void = { _, _ in }
  ) throws {
    guard buffer.byteCount > 0 else { return }
    let context = try takeContext()
    defer { contexts.withLock { $0.append(context) } }
    var filled = 0
    while filled < buffer.byteCount {
      let position = offset + filled
      let chunk = position / geometry.chunkBytes
      let chunkStart = chunk * geometry.chunkBytes
      let chunkBytes = geometry.elements(inChunk: chunk) * geometry.type.byteSize
      let wanted = min(chunkStart + chunkBytes - position, buffer.byteCount - filled)
      let bytes = try storedBytes(ofChunk: chunk)
      try stored(chunk, bytes)
      if wanted == chunkBytes {
        var target = buffer._mutatingExtracting(filled..<filled + wanted)
        try decode(chunk, bytes, context, into: &target)
      } else {
        let whole = try [UInt8](count: chunkBytes) { try decode(chunk, bytes, context, into: &$0) }
        let start = position - chunkStart
        unsafe buffer.withUnsafeMutableBytes { bytes in
          unsafe bytes[filled..<filled + wanted].copyBytes(from: whole[start..<start + wanted])
        }
      }
      filled += wanted
    }
  }

  /// Adds what follows the frames, the padding and the seek table, to the digest of the stored bytes.
  func hashEnd(_ hasher: inout XXH3Hasher) throws(FormatError) {
    let framesEnd = range.lowerBound + table.offsets[table.frameCount]
    let bytes = table.bytes
    try file.hash(framesEnd..<range.upperBound - bytes.count, into: &hasher)
    hasher.update(bytes.raw)
  }

  private func takeContext() throws -> Context {
    try contexts.withLock { $0.popLast() } ?? Context()
  }

  private func storedBytes(ofChunk chunk: Int) throws(FormatError) -> [UInt8] {
    let start = table.offsets[chunk * geometry.planes]
    let end = table.offsets[(chunk + 1) * geometry.planes]
    return try file.bytes(at: range.lowerBound + start, count: end - start)
  }

  private func decode(
    _ chunk: Int, _ stored: [UInt8], _ context: Context, into elements: inout MutableRawSpan
  ) throws {
    // Each frame is checked to fill its plane exactly, and the planes to be as many bytes as the elements.
    let planes = try [UInt8](count: elements.byteCount) { planes in
      var from = 0
      var to = 0
      for index in chunk * geometry.planes..<(chunk + 1) * geometry.planes {
        let frame = table.frame(index)
        let source = stored.raw.extracting(from..<from + frame.storedBytes)
        do {
          var plane = planes._mutatingExtracting(to..<to + frame.decodedBytes)
          try context.decompressor.decompress(source, into: &plane)
        } catch {
          throw FormatError.sectionDamaged(
            tensor: tensor, "its chunk \(chunk) does not decode: \(error)")
        }
        from += frame.storedBytes
        to += frame.decodedBytes
      }
    }
    ElementPlanes.merge(planes.raw, geometry.type, into: &elements)
  }
}
