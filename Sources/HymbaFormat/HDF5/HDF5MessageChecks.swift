/// Numbers in the messages of a dataset's header that the library trusts: it copies by them and divides by them.
/// The corresponding parts of the file format specification are IV.A.2.d and IV.A.2.i.
enum HDF5MessageChecks {
  private static let damaged = HDF5Fields.invalid("a dataset's header in it is damaged")

  /// Enumerations and compounds count their members, each of which has at least a name; the values of an
  /// enumeration have its size.
  static func datatype(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let enumeration: UInt64 = 8
    let compound: UInt64 = 6
    let kind = try body.integer(1) & 0xF
    let members = try body.integer(2)
    try body.skip(1)
    let size = try body.integer(4)
    guard kind == enumeration || kind == compound else { return }
    guard members > 0, members <= body.remaining / 2, size > 0 else { throw damaged }
    guard kind == enumeration else { return }
    try body.skip(4)
    guard try body.integer(4) == size else { throw damaged }
  }

  /// The lengths of a chunk, then the bytes of an element, in four bytes each.
  static func chunkLengths(_ body: inout HDF5Fields.Cursor, count: Int) throws(FormatError) {
    guard count > 1 else { throw damaged }
    for _ in 0..<count {
      guard try body.integer(4) > 0 else { throw damaged }
    }
  }
}
