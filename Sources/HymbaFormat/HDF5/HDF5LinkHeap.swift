#if HDF5
/// The fractal heap that holds the links of a large group in the newer format. The corresponding part of the
/// file format specification is III.G.
///
/// The library computes memory addresses from the numbers in the heap's header, in its blocks, and in the heap
/// IDs that refer to its objects.
struct HDF5LinkHeap {
  static let damaged = HDF5Fields.invalid("the index of a group in it is damaged")

  /// Every version of the library makes these heaps with four blocks in a row. The blocks of the first two rows
  /// have 512 bytes, and those of each later row twice as many as the row before. A block of up to 64 kB is
  /// direct: it holds links. A larger one is indirect: it refers to further blocks.
  private static let width: UInt64 = 4
  private static let firstBytes: UInt64 = 512
  private static let mostDirectBytes: UInt64 = 1 << 16
  private static let mostRows: UInt64 = 22
  /// The bytes in front of the links in a direct block.
  private static let directHead: UInt64 = 21

  /// The ranges of the heap's own address space that its direct blocks hold, in ascending order.
  private(set) var ranges: [Range<UInt64>] = []
  private let address: UInt64
  private let fields: HDF5Fields
  private var visited: Set<UInt64> = []

  /// Reads the heap's header at `address`, and checks every block.
  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``, and what reading the file throws.
  init(at address: UInt64, _ fields: HDF5Fields) throws(FormatError) {
    self.address = address
    self.fields = fields
    var head = try fields.cursor(at: address, count: 146)
    guard try head.take(4).elementsEqual("FRHP".utf8), try head.integer(1) == 0,
      // A heap ID has seven bytes, and there are no filters.
      try head.integer(2) == 7, try head.integer(2) == 0
    else { throw Self.damaged }
    try head.skip(1)
    guard try head.integer(4) == 4096 else { throw Self.damaged }
    try head.skip(8)
    // The index of huge objects. Links are that large only with names that are too long for a tensor.
    guard try head.integer(8) == HDF5Fields.undefined else { throw Self.damaged }
    try head.skip(80)
    guard try head.integer(2) == Self.width, try head.integer(8) == Self.firstBytes,
      try head.integer(8) == Self.mostDirectBytes, try head.integer(2) == 32
    else { throw Self.damaged }
    try head.skip(2)
    let root = try head.integer(8)
    let rows = try head.integer(2)
    guard rows <= Self.mostRows else { throw Self.damaged }
    // An empty heap has no root block.
    guard root != HDF5Fields.undefined else { return }
    if rows == 0 {
      try direct(root, from: 0, bytes: Self.firstBytes)
    } else {
      try indirect(root, from: 0, rows: rows)
    }
  }

  /// Whether a heap ID leads to bytes within a direct block. It has seven bytes: one for its kind, four for an
  /// address in the heap, and two for a length.
  /// - Complexity: O(log *n*) in the number of blocks.
  func holds(_ reference: inout HDF5Fields.Cursor) throws(FormatError) -> Bool {
    let isManaged = try reference.integer(1) == 0
    let start = try reference.integer(4)
    let end = start + (try reference.integer(2))
    // Finds the last block that begins at or before `start`.
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= start { low = middle + 1 } else { high = middle }
    }
    return isManaged && low > 0 && start < end && end <= ranges[low - 1].upperBound
  }

  /// Checks the beginning of a block: signature, version, the heap's address, and the block's place in the
  /// heap.
  /// - Returns: The cursor after these fields.
  private mutating func open(
    _ block: UInt64, _ signature: String, from start: UInt64, count: Int
  ) throws(FormatError) -> HDF5Fields.Cursor {
    guard visited.insert(block).inserted else { throw Self.damaged }
    var head = try fields.cursor(at: block, count: 17 + count)
    guard try head.take(4).elementsEqual(signature.utf8), try head.integer(1) == 0,
      try head.integer(8) == address, try head.integer(4) == start
    else { throw Self.damaged }
    return head
  }

  private mutating func direct(
    _ block: UInt64, from start: UInt64, bytes: UInt64
  ) throws(FormatError) {
    _ = try open(block, "FHDB", from: start, count: 0)
    ranges.append(start + Self.directHead..<start + bytes)
  }

  private mutating func indirect(
    _ block: UInt64, from start: UInt64, rows: UInt64
  ) throws(FormatError) {
    var children = try open(block, "FHIB", from: start, count: Int(rows * Self.width * 8))
    var place = start
    for row in 0..<rows {
      let bytes = Self.firstBytes << (row == 0 ? 0 : row - 1)
      for _ in 0..<Self.width {
        let child = try children.integer(8)
        if child == HDF5Fields.undefined {
          // This block does not exist yet.
        } else if bytes <= Self.mostDirectBytes {
          try direct(child, from: place, bytes: bytes)
        } else {
          // The rows of an indirect block add up to its bytes. The first two rows are equal, and each later
          // one is as large as all rows before it.
          let width = Self.firstBytes * Self.width
          let rows = UInt64((bytes / width).trailingZeroBitCount) + 1
          try indirect(child, from: place, rows: rows)
        }
        place += bytes
      }
    }
  }
}
#endif
