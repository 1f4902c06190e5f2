import Synchronization
package import Zstandard

/// Decodes chunks of sections. Several threads may decode at once. Contexts and buffers are reused.
package final class ChunkDecoder: Sendable {
  private let comparesChecksums: Bool
  private let contexts = Mutex<[Context]>([])

  /// What one thread at a time uses.
  private final class Context: @unchecked Sendable {
    var decompressor: Decompressor
    var planes: [UInt8] = []

    init(comparesChecksums: Bool) throws(ZstandardError) {
      decompressor = try Decompressor(comparesChecksums: comparesChecksums)
    }
  }

  /// - Parameter comparesChecksums: Whether the frames' own checksums are compared. A caller that compares all stored
  ///   bytes with their XXH3 needs no weaker checksum beside it.
  package init(comparesChecksums: Bool) { self.comparesChecksums = comparesChecksums }

  /// Decodes the frames of a chunk, one for each plane, and merges the planes.
  /// - Parameters:
  ///   - frames: The frames, one after the other.
  ///   - sizes: The bytes of each frame. They add up to those of `frames`, and there is one for each byte of an element.
  ///   - type: The type of the elements.
  ///   - elements: Is filled with the logical bytes. Each frame must decode to exactly one plane of it.
  /// - Throws: ``ZstandardError``.
  package func decode(
    _ frames: RawSpan, sizes: [Int], _ type: ElementType, into elements: inout MutableRawSpan
  ) throws(ZstandardError) {
    let context = try takeContext()
    defer { contexts.withLock { $0.append(context) } }
    let count = elements.byteCount / type.byteSize
    context.planes.grow(to: elements.byteCount)
    var start = 0
    for (plane, size) in sizes.enumerated() {
      try context.planes.withMutableBytes(plane * count..<(plane + 1) * count) { bytes throws(ZstandardError) in
        try context.decompressor.decompress(frames.extracting(start..<start + size), into: &bytes)
      }
      start += size
    }
    let planes = context.planes
    ElementPlanes.merge(planes.raw.extracting(0..<elements.byteCount), type, into: &elements)
  }

  private func takeContext() throws(ZstandardError) -> Context {
    if let context = contexts.withLock({ $0.popLast() }) { return context }
    return try Context(comparesChecksums: comparesChecksums)
  }
}
