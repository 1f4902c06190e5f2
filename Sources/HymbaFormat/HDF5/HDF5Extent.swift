#if HDF5
/// The shape of a dataset or an attribute, from the dataspace message in the header. The corresponding part of
/// the file format specification is IV.A.2.b.
struct HDF5Extent {
  /// The length of each dimension, in elements. Empty for a scalar; nil for a null dataspace, which holds
  /// nothing.
  let lengths: [UInt64]?
  /// The largest value that each length may become; ``HDF5Fields/undefined`` for no limit.
  let limits: [UInt64]

  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``.
  init(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let version = try body.integer(1)
    let rank = Int(try body.integer(1))
    let flags = try body.integer(1)
    guard (1...2).contains(version), rank <= Limits.hdf5Rank else {
      throw HDF5Fields.invalid("a shape in it is damaged")
    }
    let null: UInt64 = 2
    let kind = try body.integer(1)
    if version == 1 { try body.skip(4) }
    var lengths: [UInt64] = []
    for _ in 0..<rank { lengths.append(try body.integer(8)) }
    var limits = lengths
    if flags & 1 != 0 {
      for axis in 0..<rank { limits[axis] = try body.integer(8) }
    }
    self.lengths = version == 2 && kind == null ? nil : lengths
    self.limits = limits
  }

  /// The number of elements; nil where it overflows.
  var elementCount: Int? {
    guard let lengths else { return 0 }
    var count = 1
    for length in lengths {
      guard let length = Int(exactly: length) else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      count = product
    }
    return count
  }
}
#endif
