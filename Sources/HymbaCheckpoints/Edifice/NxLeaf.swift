import HymbaFormat

/// One tensor of the tree: `{:t, shape, type, names, vectorized_axes, offset, size}`.
struct NxLeaf {
  let descriptor: TensorDescriptor
  /// First byte of the data, counted from the end of the tree.
  let offset: Int
  /// The byte after the data, counted from the end of the tree.
  let end: Int
  /// Where the tuple begins, for messages.
  let position: FilePosition

  /// - Parameter position: Where the tuple begins. Its head has been read already.
  /// - Throws: ``EdificeError``.
  init(
    from reader: inout TermReader, named name: String, at position: FilePosition
  ) throws(EdificeError) {
    try reader.readAtom("t", "the atom “t”")
    let dimensions = try Self.dimensions(from: &reader, of: name)
    let type = try Self.type(from: &reader, of: name)
    let names = try reader.readList("a list of axis names") { reader throws(EdificeError) in
      _ = try reader.readAtom("an axis name")
    }
    guard names == dimensions.count else {
      throw .axisNames(tensor: name, found: names, expected: dimensions.count, at: position)
    }
    guard case .emptyList = try reader.readHead() else {
      throw .vectorized(tensor: name, at: position)
    }
    let offset = try reader.readInteger("the offset of a tensor")
    let size = try reader.readInteger("the size of a tensor")

    let (end, overflow) = offset.addingReportingOverflow(size)
    guard offset >= 0, size >= 0, !overflow else {
      throw .invalid(.offsetsReversed(tensor: name, begin: offset, end: end), at: position)
    }
    do {
      self.descriptor = try TensorDescriptor(name: name, type: type, dimensions: dimensions)
    } catch {
      throw .invalid(error, at: position)
    }
    guard size == descriptor.byteCount else {
      throw .invalid(
        .sizeMismatch(
          tensor: name, type: type.rawValue, shape: descriptor.shape.description,
          expected: descriptor.byteCount, found: size),
        at: position)
    }
    self.offset = offset
    self.end = end
    self.position = position
  }

  private static func dimensions(
    from reader: inout TermReader, of name: String
  ) throws(EdificeError) -> [Int] {
    let at = reader.position
    var dimensions: [Int] = []
    try reader.readTuple("a shape") { reader, rank throws(EdificeError) in
      guard rank <= Limits.maximumRank else {
        throw .tooManyDimensions(
          tensor: name, found: rank, limit: Limits.maximumRank, at: at)
      }
      for _ in 0..<rank { dimensions.append(try reader.readInteger("a dimension")) }
    }
    return dimensions
  }

  /// Reads an element type, `{class, bits}`. Complex numbers are refused. So are types of 2 and 4 bits, because
  /// nobody examined how they are packed.
  private static func type(
    from reader: inout TermReader, of name: String
  ) throws(EdificeError) -> ElementType {
    let at = reader.position
    var found: (kind: String, bits: Int) = ("", 0)
    try reader.readTuple(of: 2, "an element type") { reader throws(EdificeError) in
      found = (try reader.readAtom("an element type"), try reader.readInteger("a number of bits"))
    }
    guard
      let type = types.first(where: { $0.kind == found.kind && $0.bits == found.bits })?.type
    else {
      throw .invalid(
        .unknownElementType(tensor: name, type: "{\(found.kind), \(found.bits)}"), at: at)
    }
    return type
  }

  /// The element types with their names in Nx, for reading and writing.
  static let types: [(kind: String, bits: Int, type: ElementType)] = [
    ("f", 64, .float64), ("f", 32, .float32), ("f", 16, .float16), ("bf", 16, .bfloat16),
    ("f", 8, .float8E5M2), ("f8_e4m3fn", 8, .float8E4M3), ("s", 64, .int64), ("s", 32, .int32),
    ("s", 16, .int16), ("s", 8, .int8), ("u", 64, .uint64), ("u", 32, .uint32), ("u", 16, .uint16),
    ("u", 8, .uint8),
  ]
}
