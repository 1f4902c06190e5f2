import Zstandard

/// How one tensor is cut into frames: chunks of elements, each plane of a chunk one frame.
struct SectionGeometry: Sendable {
  /// Elements of a chunk that the writer uses: small enough to be decoded from a cache, large enough that
  /// a frame's own bytes do not matter.
  static let chunkElements = 1 << 20

  let type: ElementType
  let elementCount: Int
  let chunkElements: Int

  var planes: Int { ElementPlanes.count(for: type) }
  var chunkCount: Int { elementCount / chunkElements + (elementCount % chunkElements == 0 ? 0 : 1) }
  var frameCount: Int { chunkCount * planes }
  var chunkBytes: Int { chunkElements * type.byteSize }

  /// Elements of the chunk: all but the last are full.
  func elements(inChunk chunk: Int) -> Int {
    min(chunkElements, elementCount - chunk * chunkElements)
  }

  /// Decoded bytes of every frame, in order.
  var frameSizes: [Int] {
    (0..<chunkCount).flatMap { [Int](repeating: elements(inChunk: $0), count: planes) }
  }

  /// Bytes that a section can take at most: what Zstandard adds to data that it cannot compress, and the
  /// end of the section.
  var storedBytesBound: Int {
    elementCount * planes + frameCount * (18 + 3 * (chunkElements >> 17)) + SeekTable.alignment
      + SeekTable.bytesOfTable(frameCount: frameCount + 1)
  }

  /// Whether a section of `byteCount` bytes has room for its own seek table. A tensor's shape is only a
  /// claim: this bounds what a reader allocates for the table by what the file holds.
  func fits(in byteCount: Int) -> Bool {
    frameCount <= Limits.sectionFrames
      && SeekTable.bytesOfTable(frameCount: frameCount + 1) <= byteCount
  }
}

/// One chunk as frames.
struct EncodedChunk: Sendable {
  let bytes: [UInt8]
  let frameSizes: [Int]

  /// A chunk of a tensor that is stored as it is.
  init(raw bytes: [UInt8]) {
    self.bytes = bytes
    self.frameSizes = []
  }

  /// - Parameter elements: The logical bytes of one chunk.
  init(encoding elements: RawSpan, _ type: ElementType) throws {
    let planes = [UInt8](count: elements.byteCount) {
      ElementPlanes.split(elements, type, into: &$0)
    }

    var compressor = try Compressor(type.isFloatingPoint ? .entropyOnly : .level(3))
    let count = elements.byteCount / type.byteSize
    var bytes: [UInt8] = []
    bytes.reserveCapacity(elements.byteCount)
    var sizes: [Int] = []
    for plane in 0..<ElementPlanes.count(for: type) {
      let source = planes.raw.extracting(plane * count..<(plane + 1) * count)
      sizes.append(try compressor.compress(source, appendingTo: &bytes))
    }
    self.bytes = bytes
    self.frameSizes = sizes
  }
}

/// Decodes chunks of one section.
struct SectionReader: Sendable {
  let tensor: String
  let geometry: SectionGeometry
  let file: InputFile
  /// Where the section lies in the file.
  let range: Range<Int>

  /// Fills `buffer` with the tensor's logical bytes from `offset` on. Whole chunks are decoded in place;
  /// a chunk that the range only touches is decoded apart.
  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    guard buffer.byteCount > 0 else { return }
    let table = try SeekTable(of: tensor, in: file, range: range, decodedSizes: geometry.frameSizes)
    var decompressor = try Decompressor()
    var filled = 0
    while filled < buffer.byteCount {
      let position = offset + filled
      let chunk = position / geometry.chunkBytes
      let chunkStart = chunk * geometry.chunkBytes
      let chunkBytes = geometry.elements(inChunk: chunk) * geometry.type.byteSize
      let wanted = min(chunkStart + chunkBytes - position, buffer.byteCount - filled)
      if wanted == chunkBytes {
        var target = buffer._mutatingExtracting(filled..<filled + wanted)
        try decode(chunk, table, &decompressor, into: &target)
      } else {
        let whole = try [UInt8](count: chunkBytes) {
          try decode(chunk, table, &decompressor, into: &$0)
        }
        let start = position - chunkStart
        unsafe buffer.withUnsafeMutableBytes { bytes in
          unsafe bytes[filled..<filled + wanted].copyBytes(from: whole[start..<start + wanted])
        }
      }
      filled += wanted
    }
  }

  private func decode(
    _ chunk: Int, _ table: SeekTable, _ decompressor: inout Decompressor,
    into elements: inout MutableRawSpan
  ) throws {
    let frames = table.frames[chunk * geometry.planes..<(chunk + 1) * geometry.planes]
    let stored = try file.bytes(
      at: range.lowerBound + (frames.first?.offset ?? 0),
      count: frames.reduce(0) { $0 + $1.storedBytes })
    // Each frame is checked to fill its plane exactly, and the planes to be as many bytes as the elements.
    let planes = try [UInt8](count: elements.byteCount) { planes in
      var from = 0
      var to = 0
      for frame in frames {
        let source = stored.raw.extracting(from..<from + frame.storedBytes)
        do {
          var plane = planes._mutatingExtracting(to..<to + frame.decodedBytes)
          try decompressor.decompress(source, into: &plane)
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
