#if HDF5
/// The heads of two indices of chunks that are arrays. The corresponding parts of the file format specification
/// are VII.C and VII.D.
///
/// The library computes places in memory from the numbers in them, and does not look whether a chunk's own number
/// is within.
enum HDF5ChunkArrays {
  /// - Parameters:
  ///   - count: Chunks of the dataset at its largest.
  ///   - pageBits: As the dataset's header has it.
  /// - Throws: ``FormatError``.
  static func checkFixed(
    at address: UInt64, _ items: HDF5ChunkItems, count: UInt64, pageBits: UInt64,
    _ fields: HDF5Fields
  ) throws(FormatError) {
    var head = try head(at: address, "FAHD", items, fields)
    guard try head.integer(1) == pageBits, (1...32).contains(pageBits),
      try head.integer(8) == count, count <= UInt64(fields.file.byteCount)
    else { throw HDF5Chunks.indexDamaged }
  }

  /// - Parameter parameters: As the dataset's header has them: bits of a chunk's number, items in the first block,
  ///   then the least addresses and the least items of others, bits of an item's number within a page.
  /// - Throws: ``FormatError``.
  static func checkExtensible(
    at address: UInt64, _ items: HDF5ChunkItems, _ parameters: [UInt8], _ fields: HDF5Fields
  ) throws(FormatError) {
    // Those of every version of the library.
    guard parameters == [32, 4, 4, 16, 10] else { throw HDF5Chunks.damaged }
    var head = try head(at: address, "EAHD", items, fields)
    guard try head.take(5).elementsEqual([32, 4, 16, 4, 10]) else {
      throw HDF5Chunks.indexDamaged
    }
    try head.skip(32)
    // The number behind that of the last chunk: the library asks for each before it, and each has an address.
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
