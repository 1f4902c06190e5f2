#if HDF5
/// The index of a dataset's chunks in the older format, a tree of nodes without checksums. The corresponding
/// part of the file format specification is III.A.1.
enum HDF5ChunkTree {
  /// Makes sure that the nodes below `address` are a tree. The library follows them for as long as they lead
  /// anywhere, in a circle until its stack is full.
  ///
  /// - Parameters:
  ///   - dimensions: As the dataset's header has them: one more than its rank.
  ///   - chunkBytes: What each chunk must have; nil where filters change their size. The library makes as much room
  ///     as the index says, and copies as much as a chunk has.
  /// - Throws: ``FormatError``.
  static func check(
    at address: UInt64, dimensions: Int, chunkBytes: UInt64?, _ fields: HDF5Fields
  ) throws(FormatError) {
    let damaged = HDF5Chunks.indexDamaged
    // No chunk was written.
    guard address != HDF5Fields.undefined else { return }
    // Bytes and a mask of filters, then the position of the chunk.
    let keyBytes = 8 + 8 * dimensions
    var visited: Set<UInt64> = []
    var next: [(address: UInt64, level: UInt64?)] = [(address, nil)]
    while let (address, expected) = next.popLast() {
      guard visited.insert(address).inserted else { throw damaged }
      var head = try fields.cursor(at: address, count: 24)
      guard try head.take(4).elementsEqual("TREE".utf8), try head.integer(1) == 1 else {
        throw damaged
      }
      let level = try head.integer(1)
      guard expected == nil || level == expected else { throw damaged }
      // The children of level 0 are chunks.
      guard level > 0 || chunkBytes != nil else { continue }
      let count = Int(try head.integer(2))
      // The address was read from, so this sum does not overflow.
      var children = try fields.cursor(at: address + 24, count: count * (keyBytes + 8))
      for _ in 0..<count {
        var key = try children.part(keyBytes)
        let child = try children.integer(8)
        if level > 0 {
          next.append((child, level - 1))
        } else {
          guard try key.integer(4) == chunkBytes else { throw damaged }
        }
      }
    }
  }
}
#endif
