import Zstandard

/// Decodes chunks of one section. The seek table is read once.
final class SectionReader: Sendable {
  let tensor: String
  let geometry: SectionGeometry
  private let file: InputFile
  /// The range of the section in the file.
  private let range: Range<Int>
  private let table: SeekTable
  private let decoder: ChunkDecoder

  /// Reads the section's seek table.
  /// - Parameter comparesChecksums: As ``ChunkDecoder`` has it.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a seek table that does not fit the section, and
  ///   the errors of reading the file.
  init(
    _ tensor: String, _ geometry: SectionGeometry, _ file: InputFile, _ range: Range<Int>,
    comparesChecksums: Bool
  ) throws(FormatError) {
    self.tensor = tensor
    self.geometry = geometry
    self.file = file
    self.range = range
    self.decoder = ChunkDecoder(comparesChecksums: comparesChecksums)
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
        try decode(chunk, bytes, into: &target)
      } else {
        let whole = try [UInt8](count: chunkBytes) { whole in
          if geometry.holdsDifferences { try base(chunkStart, &whole) }
          try decode(chunk, bytes, into: &whole)
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

  /// Where a chunk's frames begin in the section. Behind the last chunk, that is where the frames end.
  func storedOffset(ofChunk chunk: Int) -> Int { table.offsets[chunk * geometry.framesPerChunk] }

  private func storedBytes(ofChunk chunk: Int) throws(FormatError) -> [UInt8] {
    let start = storedOffset(ofChunk: chunk)
    let end = storedOffset(ofChunk: chunk + 1)
    return try file.bytes(at: range.lowerBound + start, count: end - start)
  }

  /// Decodes a chunk into `elements`. Where the section holds differences, these are the base's elements before.
  private func decode(
    _ chunk: Int, _ stored: [UInt8], into elements: inout MutableRawSpan
  ) throws {
    var frames = FrameCursor(next: chunk * geometry.framesPerChunk)
    guard geometry.holdsDifferences else {
      return try decode(&frames, geometry.type, chunk, stored, into: &elements)
    }
    let positions = try [UInt8](count: table.frame(frames.next).decodedBytes) {
      try decode(&frames, .uint8, chunk, stored, into: &$0)
    }
    let valueBytes = table.frame(frames.next).decodedBytes * geometry.planes
    let values = try [UInt8](count: valueBytes) {
      try decode(&frames, geometry.type.unsigned, chunk, stored, into: &$0)
    }
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

  /// Decodes the next frames of a chunk, one for each plane of elements of a type.
  private func decode(
    _ cursor: inout FrameCursor, _ type: ElementType, _ chunk: Int, _ stored: [UInt8],
    into elements: inout MutableRawSpan
  ) throws {
    let frames = cursor.next..<cursor.next + ElementPlanes.count(for: type)
    let sizes = frames.map { table.frame($0).storedBytes }
    let end = cursor.offset + sizes.reduce(0, +)
    do {
      try decoder.decode(stored.raw.extracting(cursor.offset..<end), sizes: sizes, type, into: &elements)
    } catch {
      throw FormatError.sectionDamaged(tensor: tensor, "its chunk \(chunk) does not decode: \(error)")
    }
    cursor = FrameCursor(next: frames.upperBound, offset: end)
  }
}
