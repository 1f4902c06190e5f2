/// Looks for an attribute in the header of an HDF5 object, and at the layout of its data. The corresponding
/// part of the file format specification is IV.A, with IV.A.2.i for layouts and IV.A.2.m for attributes.
///
/// Needed for attributes that point elsewhere in the file, see ``HDF5GlobalHeap``, and before the library opens
/// a dataset: it trusts virtual layouts and the index of chunks, see ``HDF5ChunkTree``.
struct HDF5ObjectHeader {
  /// The bytes of its value; nil when the header has no such attribute, or keeps it in another place.
  private(set) var value: [UInt8]?
  /// Whether the object is a dataset that is pieced together from others. The library must not open such a
  /// one: it trusts the list of its parts.
  private(set) var isVirtual = false
  private let name: String?
  private let fields: HDF5Fields

  private enum Message {
    static let datatype = 0x03
    static let layout = 0x08
    static let attribute = 0x0C
    static let continuation = 0x10
  }

  /// - Throws: ``FormatError/endsEarly(offset:wanted:fileBytes:)``, or ``FormatError/hdf5(_:)`` with
  ///   ``HDF5Problem/invalid(_:)``.
  init(
    at address: UInt64, attribute name: String?, _ fields: HDF5Fields
  ) throws(FormatError) {
    self.name = name
    self.fields = fields
    // The file has these bytes, so sums with the address do not overflow.
    let start = try fields.bytes(at: address, count: 4)
    let isNew = start == Array("OHDR".utf8)
    var prefix = try fields.cursor(at: address, count: 64)
    var blocks: [(address: UInt64, count: Int)] = []
    var tracksOrder = false
    if isNew {
      try prefix.skip(5)
      let flags = try prefix.integer(1)
      tracksOrder = flags & 4 != 0
      if flags & 0x20 != 0 { try prefix.skip(16) }
      if flags & 0x10 != 0 { try prefix.skip(4) }
      let count = try prefix.integer(1 << Int(flags & 3))
      blocks.append((address + UInt64(prefix.offset), Int(clamping: count)))
    } else {
      guard start[0] == 1 else { throw HDF5Fields.invalid("an object header in it is damaged") }
      try prefix.skip(8)
      let count = try prefix.integer(4)
      blocks.append((address + 16, Int(clamping: count)))
    }
    var next = 0
    while next < blocks.count, value == nil {
      guard blocks.count <= Limits.hdf5HeaderBlocks else {
        throw HDF5Fields.invalid("an object header in it is damaged")
      }
      var cursor = try fields.cursor(at: blocks[next].address, count: blocks[next].count)
      // Later blocks of a new header have a signature in front and a checksum behind.
      if isNew, next > 0 {
        try cursor.skip(4)
        cursor.shorten(by: 4)
      }
      blocks += try readMessages(&cursor, isNew: isNew, tracksOrder: tracksOrder)
      next += 1
    }
  }

  /// - Returns: The blocks in which the header goes on.
  private mutating func readMessages(
    _ cursor: inout HDF5Fields.Cursor, isNew: Bool, tracksOrder: Bool
  ) throws(FormatError) -> [(address: UInt64, count: Int)] {
    var blocks: [(address: UInt64, count: Int)] = []
    let prefixBytes = isNew ? (tracksOrder ? 6 : 4) : 8
    // What is left may be a gap that is too small for a message.
    while cursor.remaining >= prefixBytes {
      let type = try cursor.integer(isNew ? 1 : 2)
      let count = try cursor.integer(2)
      let flags = try cursor.integer(1)
      try cursor.skip(isNew ? (tracksOrder ? 2 : 0) : 3)
      var body = try cursor.part(Int(count))
      switch Int(type) {
      case Message.continuation:
        let address = try body.integer(fields.addressBytes)
        blocks.append((address, Int(clamping: try body.integer(fields.lengthBytes))))
      case Message.datatype where flags & 2 == 0: try HDF5MessageChecks.datatype(&body)
      case Message.layout where flags & 2 == 0:
        try readLayout(&body)
      // Flag 2: the message is somewhere else, shared with other objects.
      case Message.attribute where flags & 2 == 0: try readAttribute(&body)
      default: break
      }
    }
    return blocks
  }

  private mutating func readLayout(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let chunked: UInt64 = 2
    let virtual: UInt64 = 3
    switch try body.integer(1) {
    case 1, 2:
      let dimensions = Int(try body.integer(1))
      guard try body.integer(1) == chunked else { return }
      try body.skip(5)
      let address = try body.integer(fields.addressBytes)
      try HDF5MessageChecks.chunkLengths(&body, count: dimensions)
      try HDF5ChunkTree.check(at: address, dimensions: dimensions, fields)
    case 3:
      guard try body.integer(1) == chunked else { return }
      let dimensions = Int(try body.integer(1))
      let address = try body.integer(fields.addressBytes)
      try HDF5MessageChecks.chunkLengths(&body, count: dimensions)
      try HDF5ChunkTree.check(at: address, dimensions: dimensions, fields)
    // Later versions have other indices, whose blocks have checksums.
    case 4...: if try body.integer(1) == virtual { isVirtual = true }
    default: break
    }
  }

  private mutating func readAttribute(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let version = try body.integer(1)
    guard (1...3).contains(version) else {
      throw HDF5Fields.invalid("an attribute in it is damaged")
    }
    try body.skip(1)
    let nameBytes = Int(try body.integer(2))
    let typeBytes = Int(try body.integer(2))
    let spaceBytes = Int(try body.integer(2))
    if version == 3 { try body.skip(1) }
    // Version 1 pads each part to a multiple of eight bytes.
    func padded(_ count: Int) -> Int { version == 1 ? (count + 7) / 8 * 8 : count }
    let name = try body.take(padded(nameBytes)).prefix(nameBytes).prefix { $0 != 0 }
    try body.skip(padded(typeBytes) + padded(spaceBytes))
    if let wanted = self.name, name.elementsEqual(wanted.utf8) {
      value = Array(try body.take(body.remaining))
    }
  }
}
