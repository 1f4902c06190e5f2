import HymbaFormat

/// One tensor of the tree: `{:t, shape, type, names, vectorized_axes, offset, size}`.
struct NxLeaf {
  let descriptor: TensorDescriptor
  /// First byte of the data, counted from the end of the tree.
  let offset: Int
  let end: Int
  let position: FilePosition

  /// - Parameter position: Where the tuple begins, whose head has been read.
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

  /// `{class, bits}`. Complex numbers have no counterpart here; 2 and 4 bits are packed in a way that
  /// nobody examined.
  private static func type(
    from reader: inout TermReader, of name: String
  ) throws(EdificeError) -> ElementType {
    let at = reader.position
    var found: (kind: String, bits: Int) = ("", 0)
    try reader.readTuple(of: 2, "an element type") { reader throws(EdificeError) in
      found = (try reader.readAtom("an element type"), try reader.readInteger("a number of bits"))
    }
    switch found {
    case ("f", 64): return .float64
    case ("f", 32): return .float32
    case ("f", 16): return .float16
    case ("bf", 16): return .bfloat16
    case ("f", 8): return .float8E5M2
    case ("f8_e4m3fn", 8): return .float8E4M3
    case ("s", 64): return .int64
    case ("s", 32): return .int32
    case ("s", 16): return .int16
    case ("s", 8): return .int8
    case ("u", 64): return .uint64
    case ("u", 32): return .uint32
    case ("u", 16): return .uint16
    case ("u", 8): return .uint8
    default:
      throw .invalid(
        .unknownElementType(tensor: name, type: "{\(found.kind), \(found.bits)}"), at: at)
    }
  }
}
