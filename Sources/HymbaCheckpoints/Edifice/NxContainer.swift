import HymbaFormat

/// The tensor section of an `.nx` file, as `Nx.serialize/2` writes it since Nx 0.6: a header of 12 bytes
/// (magic, version, byte order, length of the tree), the tree, and the data of the tensors.
struct NxContainer {
  static let magic = Array("nx".utf8)
  private static let headBytes = 12

  let tensors: TensorTable
  /// Where the data of each of ``tensors`` lies.
  let views: [TensorView]

  /// Reads the header and the tree, and checks that the section ends with the last tensor.
  /// - Throws: ``EdificeError``, `FormatError` when the file cannot be read.
  init(reading section: some TensorSection) throws {
    guard section.byteCount >= Self.headBytes else {
      throw EdificeError.sectionTooShort(section.byteCount, at: section.position(of: 0))
    }
    let head = try section.bytes(at: 0, count: Self.headBytes)
    guard head[0] != TermTag.version else {
      throw EdificeError.oldContainer(at: section.position(of: 0))
    }
    guard head.starts(with: Self.magic) else {
      throw EdificeError.notAContainer(at: section.position(of: 0))
    }
    guard head[2] == 1 else {
      throw EdificeError.unknownVersion(head[2], at: section.position(of: 2))
    }
    guard head[3] <= 1 else {
      throw EdificeError.unknownByteOrder(head[3], at: section.position(of: 3))
    }
    let treeBytes = try Self.treeBytes(
      head[4...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, in: section)

    var reader = try TermReader(
      section.bytes(at: Self.headBytes, count: treeBytes), at: section.position(of: Self.headBytes),
      limit: treeBytes)
    let tree = try NxTree(from: &reader)
    try reader.finish()

    let dataOffset = Self.headBytes + treeBytes
    try section.requireData(of: tree, from: dataOffset)
    self.tensors = tree.tensors
    self.views = zip(tree.tensors, tree.offsets).map { tensor, offset in
      TensorView(dense: tensor, in: section, start: dataOffset + offset, isSwapped: head[3] == 1)
    }
  }

  private static func treeBytes(
    _ declared: UInt64, in section: some TensorSection
  ) throws(EdificeError) -> Int {
    let at = section.position(of: 4)
    let available = section.byteCount - headBytes
    guard declared <= UInt64(available) else {
      throw .treeBeyondSection(declared: declared, available: available, at: at)
    }
    guard declared <= UInt64(Limits.edificeTreeBytes) else {
      throw .treeTooLarge(declared: declared, limit: Limits.edificeTreeBytes, at: at)
    }
    return Int(declared)
  }
}
