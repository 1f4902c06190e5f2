import Synchronization
package import Zstandard

/// The stored form of one chunk: its frames, one after the other.
package struct EncodedChunk: Sendable {
  /// The sizes of a frame.
  package struct Frame: Equatable, Sendable {
    package let storedBytes: Int
    package let decodedBytes: Int
  }

  package fileprivate(set) var bytes: [UInt8] = []
  package fileprivate(set) var frames: [Frame] = []

  /// Takes a chunk of a raw tensor as it is, without frames.
  init(raw bytes: [UInt8]) { self.bytes = bytes }

  /// The stored bytes of each frame, in order.
  package var frameSizes: [Int] { frames.map(\.storedBytes) }
}

/// Encodes chunks of sections. Several threads may encode at once. Contexts and buffers are reused, since new memory
/// for each chunk would cost as much as rearranging it.
package final class ChunkEncoder: Sendable {
  private let level: CompressionLevel
  private let contexts = Mutex<[Context]>([])

  /// What one thread at a time uses.
  fileprivate final class Context: @unchecked Sendable {
    var compressor: Compressor
    var planes: [UInt8] = []
    /// Room for one frame.
    var frame: [UInt8] = []

    init() throws(ZstandardError) { compressor = try Compressor() }
  }

  /// - Parameter level: How hard it tries to make chunks small.
  package init(_ level: CompressionLevel) { self.level = level }

  /// Splits a chunk into planes and compresses each into a frame. Equal chunks give equal bytes, whatever was encoded
  /// before.
  /// - Parameters:
  ///   - elements: The logical bytes of one chunk.
  ///   - type: The type of the elements.
  /// - Throws: ``ZstandardError``.
  package func encode(_ elements: RawSpan, _ type: ElementType) throws(ZstandardError) -> EncodedChunk {
    let context = try takeContext()
    defer { contexts.withLock { $0.append(context) } }
    var chunk = EncodedChunk(raw: [])
    chunk.bytes.reserveCapacity(elements.byteCount)
    try context.append(elements, type, to: &chunk) { level.efforts(for: $0, $1, of: type) }
    return chunk
  }

  /// Compresses the positions of elements into a frame, and the planes of their values into further ones.
  /// - Parameters:
  ///   - positions: The positions as ``ElementDifferences`` has them.
  ///   - values: The values, as integers of the size of an element.
  ///   - type: The type of the elements.
  /// - Throws: ``ZstandardError``.
  func encode(
    positions: [UInt8], values: [UInt8], _ type: ElementType
  ) throws(ZstandardError) -> EncodedChunk {
    let context = try takeContext()
    defer { contexts.withLock { $0.append(context) } }
    var chunk = EncodedChunk(raw: [])
    try context.append(positions.raw, .uint8, to: &chunk) { _, _ in level.differenceEfforts(isLowestPlane: false) }
    try context.append(values.raw, type.unsigned, to: &chunk) { _, plane in
      level.differenceEfforts(isLowestPlane: plane == type.byteSize - 1)
    }
    return chunk
  }

  private func takeContext() throws(ZstandardError) -> Context {
    if let context = contexts.withLock({ $0.popLast() }) { return context }
    return try Context()
  }
}

extension ChunkEncoder.Context {
  /// Splits elements into planes and appends a frame for each: the shortest that one of the efforts makes. The first of
  /// equally short ones is taken.
  fileprivate func append(
    _ elements: RawSpan, _ type: ElementType, to chunk: inout EncodedChunk,
    efforts: (_ plane: RawSpan, _ number: Int) -> [Compressor.Effort]
  ) throws(ZstandardError) {
    let count = elements.byteCount / type.byteSize
    planes.grow(to: elements.byteCount)
    frame.grow(to: Compressor.largestFrame(of: count))
    planes.withMutableBytes(0..<elements.byteCount) { ElementPlanes.split(elements, type, into: &$0) }
    for plane in 0..<ElementPlanes.count(for: type) {
      let start = chunk.bytes.count
      let range = plane * count..<(plane + 1) * count
      try append(range, efforts(planes.raw.extracting(range), plane), to: &chunk.bytes)
      chunk.frames.append(.init(storedBytes: chunk.bytes.count - start, decodedBytes: count))
    }
  }

  private func append(
    _ range: Range<Int>, _ efforts: [Compressor.Effort], to output: inout [UInt8]
  ) throws(ZstandardError) {
    let start = output.count
    for effort in efforts {
      let size = try compress(range, effort)
      if output.count == start {
        output += frame[..<size]
      } else if size < output.count - start {
        output.removeSubrange(start...)
        output += frame[..<size]
      }
    }
  }

  private func compress(_ range: Range<Int>, _ effort: Compressor.Effort) throws(ZstandardError) -> Int {
    try compressor.set(effort)
    let planes = planes
    var size = 0
    try frame.withMutableBytes(0..<frame.count) { target throws(ZstandardError) in
      size = try compressor.compress(planes.raw.extracting(range), into: &target)
    }
    return size
  }
}
