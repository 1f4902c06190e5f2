#if HDF5
/// Numbers in the messages of an object's header that the library trusts: it copies by them, divides by them and
/// follows them without looking where the message ends. The corresponding parts of the file format specification
/// are IV.A.2.d to g and l.
enum HDF5MessageChecks {
  private static let damaged = HDF5Fields.invalid("a dataset's header in it is damaged")

  /// - Parameter depth: How many types this one is inside of.
  /// - Returns: Bytes of an element.
  @discardableResult
  static func datatype(
    _ body: inout HDF5Fields.Cursor, depth: Int = 0
  ) throws(FormatError) -> UInt64 {
    guard depth < Limits.hdf5TypeDepth else { throw damaged }
    let head = try body.integer(1)
    let isOld = head >> 4 < 3
    let flags = try body.integer(3)
    let bytes = try body.integer(4)
    guard bytes > 0 else { throw damaged }
    switch head & 0xF {
    // Integers, floats, times, bit fields: where their bits are.
    case 0, 4: try body.skip(4)
    case 1: try body.skip(12)
    case 2: try body.skip(2)
    // Opaque bytes: a text of this length.
    case 5: try body.skip(Int(flags & 0xFF))
    case 6: try compound(&body, flags & 0xFFFF, bytes, version: head >> 4, depth)
    case 8:
      guard try datatype(&body, depth: depth + 1) == bytes, flags & 0xFFFF > 0 else {
        throw damaged
      }
      for _ in 0..<flags & 0xFFFF { _ = try body.text(padded: isOld) }
      try body.skip(Int(bytes) * Int(flags & 0xFFFF))
    // Sequences and texts of varying length.
    case 9: try datatype(&body, depth: depth + 1)
    case 10:
      let rank = Int(try body.integer(1))
      try body.skip(isOld ? 3 + 8 * rank : 4 * rank)
      try datatype(&body, depth: depth + 1)
    // Texts and references have nothing more; the library refuses what it does not know.
    default: break
    }
    return bytes
  }

  private static func compound(
    _ body: inout HDF5Fields.Cursor, _ members: UInt64, _ bytes: UInt64, version: UInt64,
    _ depth: Int
  ) throws(FormatError) {
    guard members > 0 else { throw damaged }
    for _ in 0..<members {
      _ = try body.text(padded: version < 3)
      // Where the member is, in as few bytes as hold the size; in version 1 it may be an array.
      try body.skip(version < 3 ? 4 : bytes.neededBytes)
      if version == 1 { try body.skip(28) }
      try datatype(&body, depth: depth + 1)
    }
  }

  /// A value for what was never written; `isOld` tells the older of the two messages.
  static func fillValue(_ body: inout HDF5Fields.Cursor, isOld: Bool) throws(FormatError) {
    if isOld { return try body.skip(Int(try body.integer(4))) }
    let version = try body.integer(1)
    if version < 3 {
      try body.skip(2)
      guard try body.integer(1) != 0 else { return }
    } else {
      guard try body.integer(1) & 0x20 != 0 else { return }
    }
    let bytes = try body.integer(4)
    // Before version 3, a negative number is that of none.
    guard version >= 3 || bytes < 1 << 31 else { return }
    try body.skip(Int(bytes))
  }

  /// - Returns: How many filters there are.
  static func filters(_ body: inout HDF5Fields.Cursor) throws(FormatError) -> Int {
    let isOld = try body.integer(1) == 1
    let count = Int(try body.integer(1))
    if isOld { try body.skip(6) }
    for _ in 0..<count {
      // Those below are known by their number.
      let firstNamed = 256
      let number = try body.integer(2)
      let nameBytes = isOld || number >= firstNamed ? Int(try body.integer(2)) : 0
      try body.skip(2)
      let settings = Int(try body.integer(2))
      let name = try body.take(nameBytes)
      guard name.isEmpty || name.contains(0) else { throw damaged }
      var values = try body.part(4 * settings)
      if isOld, !settings.isMultiple(of: 2) { try body.skip(4) }
      let szip = 4
      if number == szip { try szipSettings(&values) }
    }
    return count
  }

  /// Options, elements of a block, bits of an element, elements of a line of blocks. The decoder divides by them and
  /// makes room by them; these are the limits of every encoder.
  private static func szipSettings(_ values: inout HDF5Fields.Cursor) throws(FormatError) {
    try values.skip(4)
    let block = try values.integer(4)
    let bits = try values.integer(4)
    let line = try values.integer(4)
    guard (2...32).contains(block), block.isMultiple(of: 2),
      (1...24).contains(bits) || bits == 32 || bits == 64,
      (block...block * 128).contains(line)
    else { throw damaged }
  }

  /// An entry of a group. Where the library cannot read one, it gives memory back that it never had.
  static func link(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let damaged = HDF5Fields.invalid("an entry of a group in it is damaged")
    let hard: UInt64 = 0
    let soft: UInt64 = 1
    let firstOther: UInt64 = 64
    let version = try body.integer(1)
    let flags = try body.integer(1)
    guard version == 1, flags < 32 else { throw damaged }
    let kind = flags & 8 != 0 ? try body.integer(1) : hard
    // The order of creation; ASCII or UTF-8.
    if flags & 4 != 0 { try body.skip(8) }
    let characters = flags & 16 != 0 ? try body.integer(1) : 0
    guard kind <= soft || kind >= firstOther, characters < 2 else { throw damaged }
    let name = try body.take(Int(clamping: try body.integer(1 << Int(flags & 3))))
    let value = try body.take(kind == hard ? 8 : Int(try body.integer(2)))
    guard !name.isEmpty, kind != soft || !value.isEmpty else { throw damaged }
  }
}

extension UInt64 {
  /// Bytes that hold the number.
  var neededBytes: Int { (63 - Swift.max(1, self).leadingZeroBitCount) / 8 + 1 }
}
#endif
