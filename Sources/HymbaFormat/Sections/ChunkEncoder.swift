import Synchronization
package import Zstandard

/// The stored form of one chunk: its frames, one after the other.
package struct EncodedChunk: Sendable {
  package let bytes: [UInt8]
  /// The bytes of each frame, in order.
  package let frameSizes: [Int]

  /// Takes a chunk of a raw tensor as it is, without frames.
  init(raw bytes: [UInt8]) {
    self.bytes = bytes
    self.frameSizes = []
  }

  fileprivate init(frames bytes: [UInt8], sizes: [Int]) {
    self.bytes = bytes
    self.frameSizes = sizes
  }
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
    let count = elements.byteCount / type.byteSize
    context.planes.grow(to: elements.byteCount)
    context.frame.grow(to: Compressor.largestFrame(of: count))
    context.planes.withMutableBytes(0..<elements.byteCount) {
      ElementPlanes.split(elements, type, into: &$0)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(elements.byteCount)
    var sizes: [Int] = []
    for plane in 0..<ElementPlanes.count(for: type) {
      let efforts = level.efforts(forPlane: plane, of: type)
      sizes.append(try context.append(plane * count..<(plane + 1) * count, efforts, to: &bytes))
    }
    return EncodedChunk(frames: bytes, sizes: sizes)
  }

  private func takeContext() throws(ZstandardError) -> Context {
    if let context = contexts.withLock({ $0.popLast() }) { return context }
    return try Context()
  }
}

extension ChunkEncoder.Context {
  /// Appends the shortest frame that one of the efforts makes of a range of the planes. The first of equally short ones
  /// is taken.
  /// - Returns: The bytes of the frame.
  fileprivate func append(
    _ range: Range<Int>, _ efforts: [Compressor.Effort], to output: inout [UInt8]
  ) throws(ZstandardError) -> Int {
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
    return output.count - start
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
