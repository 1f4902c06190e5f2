#if HDF5
/// The heap that holds the entries of a large group in the newer format. The corresponding part of the file format
/// specification is III.G.
///
/// The library computes places in memory from the numbers of its head, of its blocks and of the references into it.
struct HDF5LinkHeap {
  static let damaged = HDF5Fields.invalid("the index of a group in it is damaged")

  /// Every version of the library makes these heaps with four blocks in a row, the first two rows of 512 bytes each,
  /// then ever twice as many; up to 64 kB a block holds entries, beyond that further blocks.
  private static let width: UInt64 = 4
  private static let firstBytes: UInt64 = 512
  private static let mostDirectBytes: UInt64 = 1 << 16
  private static let mostRows: UInt64 = 22
  /// Bytes in front of what a block holds.
  private static let directHead: UInt64 = 21

  /// The ranges of the heap's own addresses that its blocks hold, in order.
  private(set) var ranges: [Range<UInt64>] = []
  private let address: UInt64
  private let fields: HDF5Fields
  private var visited: Set<UInt64> = []

  /// Looks at the head at `address`, and at every block.
  /// - Throws: ``FormatError``.
  init(at address: UInt64, _ fields: HDF5Fields) throws(FormatError) {
    self.address = address
    self.fields = fields
    var head = try fields.cursor(at: address, count: 146)
    guard try head.take(4).elementsEqual("FRHP".utf8), try head.integer(1) == 0,
      // Bytes of a reference, and of filters.
      try head.integer(2) == 7, try head.integer(2) == 0
    else { throw Self.damaged }
    try head.skip(1)
    guard try head.integer(4) == 4096 else { throw Self.damaged }
    try head.skip(8)
    // Where larger entries would be, whose names are too long for a tensor.
    guard try head.integer(8) == HDF5Fields.undefined else { throw Self.damaged }
    try head.skip(80)
    guard try head.integer(2) == Self.width, try head.integer(8) == Self.firstBytes,
      try head.integer(8) == Self.mostDirectBytes, try head.integer(2) == 32
    else { throw Self.damaged }
    try head.skip(2)
    let root = try head.integer(8)
    let rows = try head.integer(2)
    guard rows <= Self.mostRows else { throw Self.damaged }
    // An empty heap has no block.
    guard root != HDF5Fields.undefined else { return }
    if rows == 0 {
      try direct(root, from: 0, bytes: Self.firstBytes)
    } else {
      try indirect(root, from: 0, rows: rows)
    }
  }

  /// Whether a reference of seven bytes leads to something within a block: a byte that tells its kind, four of an
  /// address, two of a length.
  func holds(_ reference: inout HDF5Fields.Cursor) throws(FormatError) -> Bool {
    let isManaged = try reference.integer(1) == 0
    let start = try reference.integer(4)
    let end = start + (try reference.integer(2))
    // The last block that begins at or before it.
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= start { low = middle + 1 } else { high = middle }
    }
    return isManaged && low > 0 && start < end && end <= ranges[low - 1].upperBound
  }

  /// The signature, version and heap that a block begins with, and its place in the heap.
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
          // Not made yet.
        } else if bytes <= Self.mostDirectBytes {
          try direct(child, from: place, bytes: bytes)
        } else {
          // As many rows as make up its bytes: two of one width, then each as large as all before it.
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
