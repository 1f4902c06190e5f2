#if HDF5
/// Checks of the older chunk index: a version 1 B-tree, whose nodes have no checksums. The corresponding part
/// of the file format specification is III.A.1.
enum HDF5ChunkTree {
  /// Makes sure that the nodes below `address` are a tree. The library does not check that, and would follow a
  /// circle of nodes until its stack is full.
  ///
  /// - Parameters:
  ///   - dimensions: The number in the dataset's header, which is one more than the rank of the dataset.
  ///   - chunkBytes: The bytes that each chunk must have; nil where filters change the size. The library
  ///     allocates as many bytes as the index says, and copies as many as a chunk has.
  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``, and what reading the file throws.
  /// - Complexity: Reads every node once, but without `chunkBytes` only the first bytes of a leaf.
  static func check(
    at address: UInt64, dimensions: Int, chunkBytes: UInt64?, _ fields: HDF5Fields
  ) throws(FormatError) {
    let damaged = HDF5Chunks.indexDamaged
    // No chunk was written.
    guard address != HDF5Fields.undefined else { return }
    // A key has the chunk's size and its filter mask, four bytes each, then its position, eight a dimension.
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
      // The address lies within the file, as its bytes were just read, so this sum does not overflow.
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
