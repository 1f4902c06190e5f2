#if HDF5
/// Checks of the two chunk indices that are arrays: the fixed array and the extensible array. The corresponding
/// parts of the file format specification are VII.C and VII.D.
///
/// The library computes memory addresses from the numbers in the headers of these arrays, and does not check
/// that the number of a chunk is within the array.
enum HDF5ChunkArrays {
  /// Checks the header of a fixed array.
  ///
  /// - Parameters:
  ///   - count: The chunks of the dataset at its largest.
  ///   - pageBits: The value in the dataset's header.
  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``, and what reading the file throws.
  static func checkFixed(
    at address: UInt64, _ items: HDF5ChunkItems, count: UInt64, pageBits: UInt64,
    _ fields: HDF5Fields
  ) throws(FormatError) {
    var head = try head(at: address, "FAHD", items, fields)
    guard try head.integer(1) == pageBits, (1...32).contains(pageBits),
      try head.integer(8) == count, count <= UInt64(fields.file.byteCount)
    else { throw HDF5Chunks.indexDamaged }
  }

  /// Checks the header of an extensible array.
  ///
  /// - Parameter parameters: Five values in the dataset's header: the bits of a chunk's number, the elements in
  ///   the index block, the fewest addresses in a secondary block, the fewest elements in a data block, and the
  ///   bits of an element's number within a page.
  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``, and what reading the file throws.
  static func checkExtensible(
    at address: UInt64, _ items: HDF5ChunkItems, _ parameters: [UInt8], _ fields: HDF5Fields
  ) throws(FormatError) {
    // Every version of the library writes these values.
    guard parameters == [32, 4, 4, 16, 10] else { throw HDF5Chunks.damaged }
    var head = try head(at: address, "EAHD", items, fields)
    guard try head.take(5).elementsEqual([32, 4, 16, 4, 10]) else {
      throw HDF5Chunks.indexDamaged
    }
    try head.skip(32)
    // One more than the highest number of a chunk. The library asks for every number below it, and each has an
    // address of eight bytes.
    guard try head.integer(8) <= UInt64(fields.file.byteCount) / 8 else {
      throw HDF5Chunks.indexDamaged
    }
  }

  private static func head(
    at address: UInt64, _ signature: String, _ items: HDF5ChunkItems, _ fields: HDF5Fields
  ) throws(FormatError) -> HDF5Fields.Cursor {
    var head = try fields.cursor(at: address, count: 64)
    guard try head.take(4).elementsEqual(signature.utf8), try head.integer(1) == 0,
      try head.integer(1) == (items.isFiltered ? 1 : 0), try head.integer(1) == items.bytes
    else { throw HDF5Chunks.indexDamaged }
    return head
  }
}
#endif
