#if HDF5
/// A version 2 B-tree, which indexes the links of a group or the chunks of a dataset. The corresponding part of
/// the file format specification is III.A.2.
///
/// The library trusts the number of records in each node, and writes as many into memory. The nodes have
/// checksums, but a file that is made to do harm has valid checksums, too.
struct HDF5Tree2 {
  private let fields: HDF5Fields
  private let damaged: FormatError
  private let recordBytes: UInt64
  /// For each level, from the leaves up: the most records of a node, and of the node with all nodes below it.
  private let most: [(node: UInt64, below: UInt64)]
  private var visited: Set<UInt64> = []

  /// Makes sure that the nodes below `address` are a tree of this kind.
  ///
  /// - Parameters:
  ///   - kind: The type of the records: 5 for names of links, 10 for chunks, 11 for chunks with filters.
  ///   - recordBytes: The bytes of a record of that type.
  ///   - damaged: The error to throw when the tree is not valid.
  ///   - check: Is given each record; without it, no leaf is read.
  /// - Throws: `damaged`, what `check` throws, and what reading the file throws.
  /// - Complexity: Reads each node once.
  static func check(
    at address: UInt64, kind: UInt64, recordBytes: UInt64, _ fields: HDF5Fields,
    damaged: FormatError,
    record check: ((inout HDF5Fields.Cursor) throws(FormatError) -> Void)? = nil
  ) throws(FormatError) {
    var head = try fields.cursor(at: address, count: 38)
    guard try head.take(4).elementsEqual("BTHD".utf8), try head.integer(1) == 0,
      try head.integer(1) == kind
    else { throw damaged }
    let nodeBytes = try head.integer(4)
    guard try head.integer(2) == recordBytes else { throw damaged }
    let depth = Int(try head.integer(2))
    try head.skip(2)
    let root = try head.integer(8)
    let count = try head.integer(2)
    guard let most = most(nodeBytes: nodeBytes, recordBytes: recordBytes, depth: depth),
      count <= most[depth].node
    else { throw damaged }
    // An empty tree has no node.
    guard count > 0 else {
      guard depth == 0 else { throw damaged }
      return
    }
    var tree = HDF5Tree2(
      fields: fields, damaged: damaged, recordBytes: recordBytes, most: most)
    try tree.visit(root, Int(count), level: depth, check)
  }

  private init(
    fields: HDF5Fields, damaged: FormatError, recordBytes: UInt64,
    most: [(node: UInt64, below: UInt64)]
  ) {
    self.fields = fields
    self.damaged = damaged
    self.recordBytes = recordBytes
    self.most = most
  }

  /// The bytes of a node besides its records: signature, version, type and checksum.
  private static let frame: UInt64 = 10

  /// The value of `most` for a tree; nil for numbers that no tree can have.
  private static func most(
    nodeBytes: UInt64, recordBytes: UInt64, depth: Int
  ) -> [(node: UInt64, below: UInt64)]? {
    guard nodeBytes <= Limits.hdf5NodeBytes, nodeBytes > frame, depth <= Limits.hdf5TreeDepth else {
      return nil
    }
    let leaf = (nodeBytes - frame) / recordBytes
    // The number of a node's records is stored in two bytes.
    guard (1...0xFFFF).contains(leaf) else { return nil }
    var most = [(node: leaf, below: leaf)]
    for level in 0..<depth {
      // A pointer to a child: its address, the number of its records and, where the child is no leaf, the
      // number of all records in and below it.
      let pointer = UInt64(
        8 + leaf.neededBytes + (level > 0 ? most[level].below.neededBytes : 0))
      guard nodeBytes > frame + pointer else { return nil }
      let node = (nodeBytes - frame - pointer) / (recordBytes + pointer)
      let (product, overflow) = (node + 1).multipliedReportingOverflow(by: most[level].below)
      guard node > 0, !overflow, product < 1 << 62 else { return nil }
      most.append((node, product + node))
    }
    return most
  }

  private mutating func visit(
    _ address: UInt64, _ count: Int, level: Int,
    _ check: ((inout HDF5Fields.Cursor) throws(FormatError) -> Void)?
  ) throws(FormatError) {
    // A node may be reached only once: shared nodes would multiply the paths at each level.
    guard visited.insert(address).inserted else { throw damaged }
    guard level > 0 || check != nil else { return }
    let pointer =
      8 + most[0].node.neededBytes + (level > 1 ? most[level - 1].below.neededBytes : 0)
    let records = count * Int(recordBytes)
    var node = try fields.cursor(
      at: address, count: 6 + records + (level > 0 ? (count + 1) * pointer : 0))
    guard try node.take(4).elementsEqual((level > 0 ? "BTIN" : "BTLF").utf8) else { throw damaged }
    try node.skip(2)
    for _ in 0..<count {
      var record = try node.part(Int(recordBytes))
      try check?(&record)
    }
    guard level > 0 else { return }
    for _ in 0...count {
      let child = try node.integer(8)
      let records = try node.integer(most[0].node.neededBytes)
      try node.skip(level > 1 ? most[level - 1].below.neededBytes : 0)
      guard records <= most[level - 1].node else { throw damaged }
      try visit(child, Int(records), level: level - 1, check)
    }
  }
}
#endif
