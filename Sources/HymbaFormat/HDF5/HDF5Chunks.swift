#if HDF5
/// How a chunked dataset is stored: the shape of its chunks, and the index by which they are found.
struct HDF5Chunks {
  static let damaged = HDF5Fields.invalid("a dataset's header in it is damaged")
  static let indexDamaged = HDF5Fields.invalid("an index of chunks in it is damaged")

  enum Index: Equatable {
    /// A version 1 B-tree, see ``HDF5ChunkTree``.
    case tree
    /// There is one chunk, and its address is in the dataset's header.
    case single(isFiltered: Bool)
    /// There is no index: all chunks lie one after the other.
    case none
    case fixedArray(pageBits: UInt64)
    case extensibleArray([UInt8])
    /// A version 2 B-tree, see ``HDF5Tree2``.
    case tree2
  }

  /// The length of a chunk along each dimension, in elements, and last the bytes of an element.
  let lengths: [UInt64]
  let index: Index
  let address: UInt64

  /// Makes sure that the shape of the chunks fits the dataset, and that the library can follow the index.
  ///
  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``, and what reading the file throws.
  func check(
    elementBytes: UInt64, extent: HDF5Extent, isFiltered: Bool, _ fields: HDF5Fields
  ) throws(FormatError) {
    guard let shape = extent.lengths, lengths.count == shape.count + 1,
      lengths.last == elementBytes
    else { throw Self.damaged }
    // The library counts the bytes of a chunk in 32 bits.
    var bytes: UInt64 = 1
    for length in lengths {
      bytes *= length
      guard bytes <= 0xFFFF_FFFF else { throw Self.damaged }
    }
    let items = HDF5ChunkItems(
      isFiltered: isFiltered, rank: shape.count, chunkBytes: bytes)
    switch index {
    case .tree:
      try HDF5ChunkTree.check(
        at: address, dimensions: lengths.count, chunkBytes: isFiltered ? nil : bytes, fields)
    case .single(let hasSize): guard hasSize == isFiltered else { throw Self.damaged }
    case .none: guard !isFiltered else { throw Self.damaged }
    case .fixedArray, .extensibleArray, .tree2:
      // No chunk was written.
      guard address != HDF5Fields.undefined else { return }
      try checkIndex(items, extent, fields)
    }
  }

  private func checkIndex(
    _ items: HDF5ChunkItems, _ extent: HDF5Extent, _ fields: HDF5Fields
  ) throws(FormatError) {
    switch index {
    case .fixedArray(let pageBits):
      try HDF5ChunkArrays.checkFixed(
        at: address, items, count: try count(extent), pageBits: pageBits, fields)
    case .extensibleArray(let parameters):
      try HDF5ChunkArrays.checkExtensible(at: address, items, parameters, fields)
    case .tree2:
      try HDF5Tree2.check(
        at: address, kind: items.isFiltered ? 11 : 10, recordBytes: items.recordBytes, fields,
        damaged: Self.indexDamaged)
    case .tree, .single, .none: break
    }
  }

  /// The number of chunks that the dataset has at its largest.
  private func count(_ extent: HDF5Extent) throws(FormatError) -> UInt64 {
    var count: UInt64 = 1
    for (limit, length) in zip(extent.limits, lengths) {
      let chunks = limit / length + (limit.isMultiple(of: length) ? 0 : 1)
      let (product, overflow) = count.multipliedReportingOverflow(by: chunks)
      guard !overflow else { throw Self.indexDamaged }
      count = product
    }
    return count
  }
}

/// The element of a newer chunk index: what the index stores for each chunk.
struct HDF5ChunkItems {
  let isFiltered: Bool
  let rank: Int
  let chunkBytes: UInt64

  /// The bytes of an element: an address of eight bytes. Where there are filters, the size of the stored chunk
  /// follows, in one byte more than the size of the decoded chunk needs, and a filter mask of four bytes.
  var bytes: UInt64 {
    isFiltered ? 8 + UInt64(min(8, chunkBytes.neededBytes + 1)) + 4 : 8
  }

  /// The bytes of a record in a B-tree, where the position of the chunk follows the element.
  var recordBytes: UInt64 { bytes + 8 * UInt64(rank) }
}
#endif
