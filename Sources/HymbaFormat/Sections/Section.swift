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
    guard chunkCount > 0 else { return [] }
    let full = [Int](repeating: chunkElements, count: frameCount - planes)
    return full + [Int](repeating: elements(inChunk: chunkCount - 1), count: planes)
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
