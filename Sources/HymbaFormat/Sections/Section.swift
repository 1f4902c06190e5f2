/// The chunks and frames into which one tensor is cut. A chunk is a run of elements. Each byte plane of a chunk
/// is one Zstandard frame.
struct SectionGeometry: Sendable {
  /// The elements of a chunk that the writer makes. The number is small enough for decoding within a cache, and
  /// large enough that the overhead of a frame does not matter.
  static let chunkElements = 1 << 20

  let type: ElementType
  let elementCount: Int
  let chunkElements: Int

  var planes: Int { ElementPlanes.count(for: type) }
  var chunkCount: Int { elementCount / chunkElements + (elementCount % chunkElements == 0 ? 0 : 1) }
  var frameCount: Int { chunkCount * planes }
  var chunkBytes: Int { chunkElements * type.byteSize }

  /// The number of elements in a chunk. All chunks but the last are full.
  func elements(inChunk chunk: Int) -> Int {
    min(chunkElements, elementCount - chunk * chunkElements)
  }

  /// The decoded bytes of every frame, in order.
  var frameSizes: [Int] {
    guard chunkCount > 0 else { return [] }
    let full = [Int](repeating: chunkElements, count: frameCount - planes)
    return full + [Int](repeating: elements(inChunk: chunkCount - 1), count: planes)
  }

  /// The most bytes that a section takes: the data, what Zstandard adds to each frame that it cannot compress,
  /// and the end of the section.
  var storedBytesBound: Int {
    elementCount * planes + frameCount * (18 + 3 * (chunkElements >> 17)) + SeekTable.alignment
      + SeekTable.bytesOfTable(frameCount: frameCount + 1)
  }

  /// Whether a section of `byteCount` bytes has room for its own seek table. A tensor's shape is only a claim.
  /// This check bounds the memory that a reader allocates for the table by the bytes that the file has.
  func fits(in byteCount: Int) -> Bool {
    frameCount <= Limits.sectionFrames
      && SeekTable.bytesOfTable(frameCount: frameCount + 1) <= byteCount
  }
}
