#if HDF5
/// Reads little-endian fields of an HDF5 file without the library. Addresses count from the superblock on.
struct HDF5Fields {
  /// The address that stands for “no address”.
  static let undefined = UInt64.max

  let file: InputFile
  /// Where the superblock begins in the file.
  let base: Int
  /// The bytes of an address, and of a length.
  let addressBytes: Int
  let lengthBytes: Int

  static func invalid(_ what: String) -> FormatError {
    .hdf5(.invalid(what))
  }

  /// The `count` bytes from `address` on.
  /// - Throws: ``FormatError/endsEarly(offset:wanted:fileBytes:)`` for a range outside of the file.
  func bytes(at address: UInt64, count: Int) throws(FormatError) -> [UInt8] {
    let (offset, overflow) = Int(clamping: address).addingReportingOverflow(base)
    guard !overflow else {
      throw .endsEarly(offset: .max, wanted: count, fileBytes: file.byteCount)
    }
    return try file.bytes(at: offset, count: count)
  }

  /// A cursor over the `count` bytes from `address` on, or over fewer where the file ends.
  /// - Throws: ``FormatError/hdf5(_:)`` when `count` is more than any block has.
  func cursor(at address: UInt64, count: Int) throws(FormatError) -> Cursor {
    guard count <= Limits.hdf5NamesBytes else {
      throw Self.invalid("a block in it declares \(count) bytes")
    }
    let start = min(Int(clamping: address), file.byteCount - base)
    let available = file.byteCount - base - start
    return Cursor(bytes: try file.bytes(at: base + start, count: min(count, available))[...])
  }

  /// A position in some bytes of the file. A read beyond the last byte throws, and does not move the cursor.
  struct Cursor {
    private var bytes: ArraySlice<UInt8>
    private let start: Int

    init(bytes: ArraySlice<UInt8>) {
      self.bytes = bytes
      self.start = bytes.startIndex
    }

    var remaining: Int { bytes.count }
    /// The number of bytes that were read so far.
    var offset: Int { bytes.startIndex - start }

    mutating func take(_ count: Int) throws(FormatError) -> ArraySlice<UInt8> {
      guard count >= 0, count <= bytes.count else {
        throw HDF5Fields.invalid("a block in it ends early")
      }
      defer { bytes = bytes.dropFirst(count) }
      return bytes.prefix(count)
    }

    mutating func skip(_ count: Int) throws(FormatError) { _ = try take(count) }

    mutating func part(_ count: Int) throws(FormatError) -> Cursor {
      Cursor(bytes: try take(count))
    }

    /// Reads an unsigned integer of `count` bytes, at most eight.
    mutating func integer(_ count: Int) throws(FormatError) -> UInt64 {
      try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads a text and the zero byte that ends it.
    /// - Parameter padded: Whether text and zero byte are padded to a multiple of eight bytes, as in older
    ///   messages.
    mutating func text(padded: Bool) throws(FormatError) -> ArraySlice<UInt8> {
      let text = bytes.prefix { $0 != 0 }
      try skip(padded ? (text.count + 8) / 8 * 8 : text.count + 1)
      return text
    }

    mutating func shorten(by count: Int) { bytes = bytes.dropLast(count) }
  }
}
#endif
