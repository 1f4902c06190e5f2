#if HDF5
/// The blocks of one object header: the first block, and its continuation blocks.
struct HDF5HeaderBlocks {
  /// How messages are written. The first block tells it.
  struct Form {
    fileprivate var isNew = false
    fileprivate var tracksOrder = false

    /// The bytes in front of a message's body.
    var prefixBytes: Int { isNew ? (tracksOrder ? 6 : 4) : 8 }

    func message(
      _ block: inout HDF5Fields.Cursor
    ) throws(FormatError) -> (type: Int, flags: UInt64, body: HDF5Fields.Cursor) {
      let type = try block.integer(isNew ? 1 : 2)
      let count = try block.integer(2)
      let flags = try block.integer(1)
      try block.skip(isNew ? (tracksOrder ? 2 : 0) : 3)
      return (Int(type), flags, try block.part(Int(count)))
    }
  }

  private let fields: HDF5Fields
  private var blocks: [(address: UInt64, count: Int)] = []
  private var read = 0
  private var bytes = 0
  private var form = Form()

  init(_ fields: HDF5Fields) { self.fields = fields }

  private static let damaged = HDF5Fields.invalid("an object header in it is damaged")

  /// Reads the prefix of the object header at `address`.
  /// - Throws: ``FormatError/endsEarly(offset:wanted:fileBytes:)``, or ``FormatError/hdf5(_:)`` for a damaged
  ///   prefix.
  mutating func begin(at address: UInt64) throws(FormatError) -> Form {
    var prefix = try fields.cursor(at: address, count: 64)
    // This read fails, with an error that says where the file ends.
    if prefix.remaining < 4 { _ = try fields.bytes(at: address, count: 4) }
    // The file has these bytes, so sums with the address do not overflow.
    let start = try prefix.take(4)
    form.isNew = start.elementsEqual("OHDR".utf8)
    if form.isNew {
      try prefix.skip(1)
      let flags = try prefix.integer(1)
      form.tracksOrder = flags & 4 != 0
      if flags & 0x20 != 0 { try prefix.skip(16) }
      if flags & 0x10 != 0 { try prefix.skip(4) }
      let count = try prefix.integer(1 << Int(flags & 3))
      blocks.append((address + UInt64(prefix.offset), Int(clamping: count)))
    } else {
      guard start.first == 1 else { throw Self.damaged }
      try prefix.skip(4)
      let count = try prefix.integer(4)
      blocks.append((address + 16, Int(clamping: count)))
    }
    return form
  }

  /// Adds the block that a continuation message refers to.
  mutating func append(_ body: HDF5Fields.Cursor) throws(FormatError) {
    var body = body
    let address = try body.integer(fields.addressBytes)
    blocks.append((address, Int(clamping: try body.integer(fields.lengthBytes))))
  }

  /// The messages of the next block; nil after the last block.
  /// - Throws: ``FormatError/hdf5(_:)``, also when all blocks together are larger than any real header.
  mutating func next() throws(FormatError) -> HDF5Fields.Cursor? {
    guard read < blocks.count else { return nil }
    let block = blocks[read]
    bytes += min(block.count, Limits.hdf5NamesBytes)
    guard blocks.count <= Limits.hdf5HeaderBlocks, bytes <= Limits.hdf5NamesBytes else {
      throw Self.damaged
    }
    var cursor = try fields.cursor(at: block.address, count: block.count)
    // Continuation blocks of a new header begin with a signature and end with a checksum.
    if form.isNew, read > 0 {
      try cursor.skip(4)
      cursor.shorten(by: 4)
    }
    read += 1
    return cursor
  }
}
#endif
