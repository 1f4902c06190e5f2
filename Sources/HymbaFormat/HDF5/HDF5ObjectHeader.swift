#if HDF5
import HDF5

/// The header of an HDF5 object, read without the library. The corresponding part of the file format
/// specification is IV.A.
///
/// The library trusts what headers say. So each header is read here before the library opens its object. The
/// initializer checks the numbers in the messages, and ``check()`` the indices that the messages lead to.
struct HDF5ObjectHeader {
  /// The attributes that are in the header itself.
  private(set) var attributes: [HDF5Attribute] = []
  /// Whether further attributes are in another place, where they are not read.
  private(set) var hasAttributesElsewhere = false
  /// Whether the object is a dataset that is pieced together from others.
  private(set) var isVirtual = false
  /// Whether the object is a dataset with its data in other files.
  private(set) var isExternal = false
  private let fields: HDF5Fields
  private var hasPlainLayout = false

  // The messages that are looked up. A header may have only one of each kind.
  private var chunks: HDF5Chunks?
  private var elementBytes: UInt64?
  private var extent: HDF5Extent?
  private var filterCount: Int?
  /// For a group in the newer format: the addresses of the heap of links and of the B-tree of their names.
  private var links: (heap: UInt64, names: UInt64)?
  /// For a group in the older format: the address of the local heap of names.
  private var nameHeap: UInt64?

  private enum Message {
    static let extent = 0x01
    static let links = 0x02
    static let datatype = 0x03
    static let oldFillValue = 0x04
    static let fillValue = 0x05
    static let link = 0x06
    static let externalFiles = 0x07
    static let layout = 0x08
    static let filters = 0x0B
    static let attribute = 0x0C
    static let continuation = 0x10
    static let symbolTable = 0x11
    static let attributeIndex = 0x15
  }

  private static let damaged = HDF5Fields.invalid("an object header in it is damaged")

  /// - Throws: ``FormatError/endsEarly(offset:wanted:fileBytes:)``, or ``FormatError/hdf5(_:)`` with
  ///   ``HDF5Problem/invalid(_:)``.
  init(at address: UInt64, _ fields: HDF5Fields) throws(FormatError) {
    try self.init(at: address, fields, isShared: false)
  }

  /// - Parameter isShared: Whether another header refers to this one for its type.
  private init(at address: UInt64, _ fields: HDF5Fields, isShared: Bool) throws(FormatError) {
    self.fields = fields
    var blocks = HDF5HeaderBlocks(fields)
    let form = try blocks.begin(at: address)
    while var block = try blocks.next() {
      // The rest of a block may be a gap that is too small for a message.
      while block.remaining >= form.prefixBytes {
        let (type, flags, body) = try form.message(&block)
        if type == Message.continuation {
          try blocks.append(body)
        } else {
          try read(type, flags, body, isShared: isShared)
        }
      }
    }
  }

  private mutating func read(
    _ type: Int, _ flags: UInt64, _ body: HDF5Fields.Cursor, isShared: Bool
  ) throws(FormatError) {
    var body = body
    // The message is shared with other objects, and is in another place.
    let isElsewhere = flags & 2 != 0
    switch type {
    case Message.attribute:
      guard !isElsewhere else { return hasAttributesElsewhere = true }
      guard attributes.count < Limits.hdf5Attributes else {
        throw HDF5Fields.invalid(
          "an object in it has more than the \(Limits.hdf5Attributes) attributes that are accepted")
      }
      attributes.append(try HDF5Attribute(&body))
    case Message.attributeIndex: try readAttributeIndex(&body)
    case Message.datatype:
      guard isElsewhere else {
        return try Self.set(&elementBytes, HDF5MessageChecks.datatype(&body))
      }
      guard !isShared else { throw Self.damaged }
      let named = try Self(at: Self.sharedAddress(&body), fields, isShared: true)
      try Self.set(&elementBytes, named.elementBytes ?? 0)
    // These messages may be shared in a heap that the superblock's extension leads to. Files with an extension
    // are refused.
    case Message.extent, Message.oldFillValue, Message.fillValue, Message.filters:
      guard !isElsewhere else { throw Self.damaged }
      try readShareable(type, &body)
    case Message.layout: try readLayout(&body)
    case Message.externalFiles: isExternal = true
    case Message.link: try HDF5MessageChecks.link(&body)
    case Message.links: try readLinks(&body)
    case Message.symbolTable:
      try body.skip(8)
      try Self.set(&nameHeap, body.integer(8))
    default: break
    }
  }

  private mutating func readShareable(
    _ type: Int, _ body: inout HDF5Fields.Cursor
  ) throws(FormatError) {
    switch type {
    case Message.extent: try Self.set(&extent, HDF5Extent(&body))
    case Message.filters: try Self.set(&filterCount, HDF5MessageChecks.filters(&body))
    default: try HDF5MessageChecks.fillValue(&body, isOld: type == Message.oldFillValue)
    }
  }

  /// Sets a value once. A second message of the same kind is refused: the library takes the first of them in
  /// most places, but not everywhere.
  private static func set<Value>(_ place: inout Value?, _ value: Value) throws(FormatError) {
    guard place == nil else { throw damaged }
    place = value
  }

  private mutating func readLayout(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    switch try HDF5Layout(&body) {
    case .plain: hasPlainLayout = true
    case .virtual: isVirtual = true
    case .chunked(let found): try Self.set(&chunks, found)
    }
  }

  private mutating func readAttributeIndex(
    _ body: inout HDF5Fields.Cursor
  ) throws(FormatError) {
    try body.skip(1)
    if try body.integer(1) & 1 != 0 { try body.skip(2) }
    if try body.integer(8) != HDF5Fields.undefined { hasAttributesElsewhere = true }
  }

  private mutating func readLinks(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    try body.skip(1)
    let flags = try body.integer(1)
    if flags & 1 != 0 { try body.skip(8) }
    let heap = try body.integer(8)
    let names = try body.integer(8)
    if flags & 2 != 0 { try body.skip(8) }
    try Self.set(&links, (heap, names))
  }

  /// Whether the object is a dataset with its data in one piece or in its header, and without filters.
  var isPlain: Bool {
    hasPlainLayout && chunks == nil && !isVirtual && !isExternal && (filterCount ?? 0) == 0
  }

  /// The kind of the object, by the same rules as the library's.
  var kind: HDF5Object.Kind {
    if links != nil || nameHeap != nil { return .group }
    guard elementBytes != nil else { return .unknown }
    return extent == nil ? .datatype : .dataset
  }

  /// The address of the header whose type a shared message refers to.
  private static func sharedAddress(
    _ body: inout HDF5Fields.Cursor
  ) throws(FormatError) -> UInt64 {
    let inHeap: UInt64 = 1
    let version = try body.integer(1)
    let kind = try body.integer(1)
    if version == 1 { try body.skip(14) }
    guard version < 3 || kind != inHeap else { throw damaged }
    return try body.integer(8)
  }

  /// Makes sure that the library can follow the indices that the header leads to.
  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``, and what reading the file throws.
  /// - Complexity: Reads the nodes of the chunk index, or the index and the heap of the group.
  func check() throws(FormatError) {
    if let chunks {
      guard let extent, let elementBytes else { throw HDF5Chunks.damaged }
      try chunks.check(
        elementBytes: elementBytes, extent: extent, isFiltered: filterCount ?? 0 > 0, fields)
    }
    if let links, links.heap != HDF5Fields.undefined {
      let heap = try HDF5LinkHeap(at: links.heap, fields)
      // A record has a hash of four bytes, then a heap ID.
      try HDF5Tree2.check(
        at: links.names, kind: 5, recordBytes: 11, fields, damaged: HDF5LinkHeap.damaged
      ) { record throws(FormatError) in
        try record.skip(4)
        guard try heap.holds(&record) else { throw HDF5LinkHeap.damaged }
      }
    }
    if let nameHeap { try checkNames(at: nameHeap) }
  }

  /// Makes sure that a local heap of names ends with a zero byte. The library reads a name up to the next zero
  /// byte, even behind the end of the heap.
  private func checkNames(at address: UInt64) throws(FormatError) {
    let damaged = HDF5Fields.invalid("a heap of names in it is damaged")
    var head = try fields.cursor(at: address, count: 32)
    guard try head.take(4).elementsEqual("HEAP".utf8) else { throw damaged }
    try head.skip(4)
    let bytes = try head.integer(8)
    try head.skip(8)
    let (end, overflow) = try head.integer(8).addingReportingOverflow(bytes)
    guard bytes > 0, !overflow, try fields.bytes(at: end - 1, count: 1) == [0] else {
      throw damaged
    }
  }
}
#endif
