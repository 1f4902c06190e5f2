/// The chunks and frames into which one tensor is cut. A chunk is a run of elements. Each byte plane of a chunk
/// is one Zstandard frame.
struct SectionGeometry: Sendable {
  /// The elements of a chunk that the writer makes. The number is small enough for decoding within a cache, and
  /// large enough that the overhead of a frame does not matter.
  static let chunkElements = 1 << 20

  let type: ElementType
  let elementCount: Int
  let chunkElements: Int
  /// Whether the section holds the elements that differ from those of a base. Each chunk then begins with a frame of
  /// their positions.
  var holdsDifferences = false

  var planes: Int { ElementPlanes.count(for: type) }
  var chunkCount: Int { elementCount / chunkElements + (elementCount % chunkElements == 0 ? 0 : 1) }
  var framesPerChunk: Int { planes + (holdsDifferences ? 1 : 0) }
  var frameCount: Int { chunkCount * framesPerChunk }
  var chunkBytes: Int { chunkElements * type.byteSize }

  /// The number of elements in a chunk. All chunks but the last are full.
  func elements(inChunk chunk: Int) -> Int {
    min(chunkElements, elementCount - chunk * chunkElements)
  }

  /// The decoded bytes of every frame, in order. Of a section with differences these are the most that a frame has.
  var frameSizes: [Int] {
    guard chunkCount > 0 else { return [] }
    func sizes(ofChunk elements: Int) -> [Int] {
      (holdsDifferences ? [ElementDifferences.mostPositionBytes(of: elements)] : [])
        + [Int](repeating: elements, count: planes)
    }
    let full = sizes(ofChunk: chunkElements)
    var all: [Int] = []
    all.reserveCapacity(frameCount)
    for _ in 1..<chunkCount { all += full }
    return all + sizes(ofChunk: elements(inChunk: chunkCount - 1))
  }

  /// The most bytes that a section takes: the data, what Zstandard adds to each frame that it cannot compress,
  /// and the end of the section.
  var storedBytesBound: Int {
    elementCount * framesPerChunk + frameCount * (18 + 3 * (chunkElements >> 17)) + SeekTable.alignment
      + SeekTable.bytesOfTable(frameCount: frameCount + 1)
  }

  /// Whether a section of `byteCount` bytes has room for its own seek table. A tensor's shape is only a claim.
  /// This check bounds the memory that a reader allocates for the table by the bytes that the file has.
  func fits(in byteCount: Int) -> Bool {
    frameCount <= Limits.sectionFrames
      && SeekTable.bytesOfTable(frameCount: frameCount + 1) <= byteCount
  }
}
