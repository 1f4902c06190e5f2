#if HDF5
/// Checks of numbers in header messages that the library trusts. It copies as many bytes as they say, divides
/// by them and follows them, and does not check where the message ends. The corresponding parts of the file
/// format specification are IV.A.2.d to g and l.
///
/// Every function throws ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``.
enum HDF5MessageChecks {
  private static let damaged = HDF5Fields.invalid("a dataset's header in it is damaged")

  /// Checks a datatype message.
  /// - Parameter depth: The number of types that this one is nested in.
  /// - Returns: The bytes of an element.
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
    // Integers and bit fields (0, 4), floats (1), times (2): the positions of their bits.
    case 0, 4: try body.skip(4)
    case 1: try body.skip(12)
    case 2: try body.skip(2)
    // Opaque bytes: a text of the length that the flags give.
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
    // Texts and references have nothing more. The library refuses other types.
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
      // The offset of the member: from version 3 on in as few bytes as hold the size. In version 1, the
      // dimensions of an array follow.
      try body.skip(version < 3 ? 4 : bytes.neededBytes)
      if version == 1 { try body.skip(28) }
      try datatype(&body, depth: depth + 1)
    }
  }

  /// Checks a fill value message: the value of elements that were never written.
  /// - Parameter isOld: Whether it is the older of the two kinds of message.
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
    // Before version 3, a negative size means that there is no value.
    guard version >= 3 || bytes < 1 << 31 else { return }
    try body.skip(Int(bytes))
  }

  /// Checks a filter pipeline message.
  /// - Returns: The number of filters.
  static func filters(_ body: inout HDF5Fields.Cursor) throws(FormatError) -> Int {
    let isOld = try body.integer(1) == 1
    let count = Int(try body.integer(1))
    if isOld { try body.skip(6) }
    for _ in 0..<count {
      // In the newer message, filters with a lower number have no name.
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

  /// Checks the settings of szip: options, samples in a block, bits in a sample, samples in a scan line. The
  /// decoder divides by them and allocates memory by them. Every encoder keeps to these limits.
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

  /// Checks a link message: an entry of a group. When the library cannot read one, it frees memory that it
  /// never allocated.
  static func link(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let damaged = HDF5Fields.invalid("an entry of a group in it is damaged")
    let hard: UInt64 = 0
    let soft: UInt64 = 1
    let firstOther: UInt64 = 64
    let version = try body.integer(1)
    let flags = try body.integer(1)
    guard version == 1, flags < 32 else { throw damaged }
    let kind = flags & 8 != 0 ? try body.integer(1) : hard
    // The order of creation (eight bytes), then the character set: 0 for ASCII, 1 for UTF-8.
    if flags & 4 != 0 { try body.skip(8) }
    let characters = flags & 16 != 0 ? try body.integer(1) : 0
    guard kind <= soft || kind >= firstOther, characters < 2 else { throw damaged }
    let name = try body.take(Int(clamping: try body.integer(1 << Int(flags & 3))))
    let value = try body.take(kind == hard ? 8 : Int(try body.integer(2)))
    guard !name.isEmpty, kind != soft || !value.isEmpty else { throw damaged }
  }
}

extension UInt64 {
  /// The fewest bytes that hold the number, at least one.
  var neededBytes: Int { (63 - Swift.max(1, self).leadingZeroBitCount) / 8 + 1 }
}
#endif
