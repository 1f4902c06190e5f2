#if HDF5
/// How the data of a dataset is stored, from the data layout message in its header. The corresponding part of
/// the file format specification is IV.A.2.i.
enum HDF5Layout {
  /// The data is in the header, or in one piece, or stored in a way that the library itself refuses.
  case plain
  /// The data is pieced together from other datasets.
  case virtual
  case chunked(HDF5Chunks)

  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)`` for a message that ends early, and for
  ///   chunk lengths that are not positive, or are 2³² or more.
  init(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let chunked: UInt64 = 2
    let virtual: UInt64 = 3
    let version = try body.integer(1)
    switch version {
    case 1, 2:
      let dimensions = Int(try body.integer(1))
      let kind = try body.integer(1)
      guard kind == chunked else { break }
      try body.skip(5)
      let address = try body.integer(8)
      let lengths = try Self.lengths(&body, count: dimensions, bytes: 4)
      self = .chunked(HDF5Chunks(lengths: lengths, index: .tree, address: address))
      return
    case 3:
      guard try body.integer(1) == chunked else { break }
      let dimensions = Int(try body.integer(1))
      let address = try body.integer(8)
      let lengths = try Self.lengths(&body, count: dimensions, bytes: 4)
      self = .chunked(HDF5Chunks(lengths: lengths, index: .tree, address: address))
      return
    case 4...:
      let kind = try body.integer(1)
      if kind == virtual {
        self = .virtual
        return
      }
      // HDF5 1.10 refuses later versions, which store the size of compressed chunks in another way.
      guard kind == chunked, version == 4 else { break }
      self = .chunked(try Self.newChunks(&body))
      return
    default: break
    }
    self = .plain
  }

  private static func newChunks(
    _ body: inout HDF5Fields.Cursor
  ) throws(FormatError) -> HDF5Chunks {
    // Partial chunks at the edge may be stored without filters. The library reads more bytes than they have.
    let unfilteredEdges: UInt64 = 1
    let filteredSingle: UInt64 = 2
    let flags = try body.integer(1)
    let dimensions = Int(try body.integer(1))
    let width = Int(try body.integer(1))
    guard flags & unfilteredEdges == 0, (1...8).contains(width) else { throw HDF5Chunks.damaged }
    let lengths = try lengths(&body, count: dimensions, bytes: width)
    let index: HDF5Chunks.Index
    switch try body.integer(1) {
    case 1:
      index = .single(isFiltered: flags & filteredSingle != 0)
      if flags & filteredSingle != 0 { try body.skip(12) }
    case 2: index = .none
    case 3: index = .fixedArray(pageBits: try body.integer(1))
    case 4: index = .extensibleArray(Array(try body.take(5)))
    case 5:
      index = .tree2
      try body.skip(6)
    default: throw HDF5Chunks.damaged
    }
    return HDF5Chunks(lengths: lengths, index: index, address: try body.integer(8))
  }

  private static func lengths(
    _ body: inout HDF5Fields.Cursor, count: Int, bytes: Int
  ) throws(FormatError) -> [UInt64] {
    guard count > 1 else { throw HDF5Chunks.damaged }
    var lengths: [UInt64] = []
    for _ in 0..<count {
      let length = try body.integer(bytes)
      guard (1...0xFFFF_FFFF).contains(length) else { throw HDF5Chunks.damaged }
      lengths.append(length)
    }
    return lengths
  }
}
#endif
