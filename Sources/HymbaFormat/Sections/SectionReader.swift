import Synchronization
import Zstandard

/// Decodes chunks of one section. The seek table is read once, and decompression contexts are reused.
final class SectionReader: Sendable {
  let tensor: String
  let geometry: SectionGeometry
  private let file: InputFile
  /// The range of the section in the file.
  private let range: Range<Int>
  private let table: SeekTable
  private let contexts = Mutex<[Context]>([])

  /// A decompression context. One thread at a time uses it.
  private final class Context: @unchecked Sendable {
    var decompressor: Decompressor
    init() throws(ZstandardError) { decompressor = try Decompressor() }
  }

  /// Reads the section's seek table.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a seek table that does not fit the section, and
  ///   the errors of reading the file.
  init(
    _ tensor: String, _ geometry: SectionGeometry, _ file: InputFile, _ range: Range<Int>
  ) throws(FormatError) {
    self.tensor = tensor
    self.geometry = geometry
    self.file = file
    self.range = range
    self.table = try SeekTable(
      of: tensor, in: file, range: range, decodedSizes: geometry.frameSizes,
      areLimits: geometry.holdsDifferences)
  }

  /// Fills `buffer` with the tensor's logical bytes from byte `offset` on. Whole chunks are decoded into
  /// `buffer`. A chunk that is only partly in the range is decoded into a buffer of its own.
  ///
  /// - Parameters:
  ///   - stored: Called with the number and the stored bytes of each chunk, before it is decoded.
  ///   - base: Fills a buffer with the base's bytes from an offset on. It is called where the section holds differences.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a chunk that does not decode,
  ///   ``ZstandardError/outOfMemory``, what `stored` throws, and the errors of reading the file.
  /// - Complexity: Decodes every chunk that the range touches, as a whole.
  func read(
    from offset: Int, into buffer: inout MutableRawSpan,
    stored: (Int, [UInt8]) throws -> Void = { _, _ in },
    base: (Int, inout MutableRawSpan) throws -> Void = { _, _ in }
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
        if geometry.holdsDifferences { try base(chunkStart, &target) }
        try decode(chunk, bytes, context, into: &target)
      } else {
        let whole = try [UInt8](count: chunkBytes) { whole in
          if geometry.holdsDifferences { try base(chunkStart, &whole) }
          try decode(chunk, bytes, context, into: &whole)
        }
        let start = position - chunkStart
        unsafe buffer.withUnsafeMutableBytes { bytes in
          unsafe bytes[filled..<filled + wanted].copyBytes(from: whole[start..<start + wanted])
        }
      }
      filled += wanted
    }
  }

  /// Adds the bytes after the frames, which are the padding and the seek table, to the digest of the stored
  /// bytes.
  func hashEnd(_ hasher: inout XXH3Hasher) throws(FormatError) {
    let framesEnd = range.lowerBound + table.offsets[table.frameCount]
    let bytes = table.bytes
    try file.hash(framesEnd..<range.upperBound - bytes.count, into: &hasher)
    hasher.update(bytes.raw)
  }

  private func takeContext() throws -> Context {
    try contexts.withLock { $0.popLast() } ?? Context()
  }

  /// Where a chunk's frames begin in the section. Behind the last chunk, that is where the frames end.
  func storedOffset(ofChunk chunk: Int) -> Int { table.offsets[chunk * geometry.framesPerChunk] }

  private func storedBytes(ofChunk chunk: Int) throws(FormatError) -> [UInt8] {
    let start = storedOffset(ofChunk: chunk)
    let end = storedOffset(ofChunk: chunk + 1)
    return try file.bytes(at: range.lowerBound + start, count: end - start)
  }

  /// Decodes a chunk into `elements`. Where the section holds differences, these are the base's elements before.
  private func decode(
    _ chunk: Int, _ stored: [UInt8], _ context: Context, into elements: inout MutableRawSpan
  ) throws {
    var frames = FrameCursor(next: chunk * geometry.framesPerChunk)
    guard geometry.holdsDifferences else {
      let planes = try decoded(elements.byteCount, geometry.planes, &frames, chunk, stored, context)
      ElementPlanes.merge(planes.raw, geometry.type, into: &elements)
      return
    }
    let positions = try decoded(table.frame(frames.next).decodedBytes, 1, &frames, chunk, stored, context)
    let valueBytes = table.frame(frames.next).decodedBytes * geometry.planes
    let planes = try decoded(valueBytes, geometry.planes, &frames, chunk, stored, context)
    let values = [UInt8](count: valueBytes) { ElementPlanes.merge(planes.raw, geometry.type, into: &$0) }
    let fits = ElementDifferences.apply(
      positions: positions, values: values.raw, elementBytes: geometry.type.byteSize, to: &elements)
    guard fits else {
      throw FormatError.sectionDamaged(
        tensor: tensor, "its chunk \(chunk) has other differences than elements")
    }
  }

  /// Where the decoding of a chunk is.
  private struct FrameCursor {
    /// The number of the next frame in the section.
    var next: Int
    /// Where it begins in the stored bytes of the chunk.
    var offset = 0
  }

  /// The decoded bytes of the next frames, which have `byteCount` bytes together and equal sizes. Each frame is checked
  /// to fill its part exactly.
  private func decoded(
    _ byteCount: Int, _ frameCount: Int, _ cursor: inout FrameCursor, _ chunk: Int, _ stored: [UInt8],
    _ context: Context
  ) throws -> [UInt8] {
    let size = byteCount / frameCount
    return try [UInt8](count: byteCount) { planes in
      for plane in 0..<frameCount {
        let frame = table.frame(cursor.next)
        let source = stored.raw.extracting(cursor.offset..<cursor.offset + frame.storedBytes)
        do {
          var target = planes._mutatingExtracting(plane * size..<(plane + 1) * size)
          try context.decompressor.decompress(source, into: &target)
        } catch {
          throw FormatError.sectionDamaged(
            tensor: tensor, "its chunk \(chunk) does not decode: \(error)")
        }
        cursor.next += 1
        cursor.offset += frame.storedBytes
      }
    }
  }
}
