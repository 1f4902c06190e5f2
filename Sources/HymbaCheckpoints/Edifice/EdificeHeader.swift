import HymbaFormat

/// The first five bytes of an `.nx` file, checked against the file's length: 1 byte that says whether the
/// tensor section is compressed, and 4 bytes (big-endian) with the length of the metadata.
struct EdificeHeader {
  static let byteCount = 5

  let isCompressed: Bool
  let metadataBytes: Int
  /// Where the tensor section begins. It goes to the end of the file.
  var sectionOffset: Int { Self.byteCount + metadataBytes }

  /// - Throws: ``EdificeError``, `FormatError` when the file cannot be read.
  init(reading file: InputFile) throws {
    guard file.byteCount >= Self.byteCount else {
      throw EdificeError.tooShort(fileBytes: file.byteCount)
    }
    let bytes = try file.bytes(at: 0, count: Self.byteCount)
    guard bytes[0] <= 1 else { throw EdificeError.unknownFlag(bytes[0]) }
    let declared = bytes.dropFirst().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard Int(declared) <= file.byteCount - Self.byteCount else {
      throw EdificeError.metadataBeyondFile(declared: declared, fileBytes: file.byteCount)
    }
    guard Int(declared) <= Limits.edificeMetadataBytes else {
      throw EdificeError.metadataTooLarge(
        declared: declared, limit: Limits.edificeMetadataBytes)
    }
    self.isCompressed = bytes[0] == 1
    self.metadataBytes = Int(declared)
  }
}

extension EdificeSource {
  /// Whether a file that begins with `prefix` looks like an `.nx` checkpoint.
  ///
  /// The format has no magic number, so this is a guess from the first bytes: the compression flag, a length of
  /// the metadata that fits in the file, and the first byte of what must follow.
  ///
  /// - Parameters:
  ///   - prefix: The first bytes of the file; seven are enough.
  ///   - fileBytes: The length of the whole file.
  package static func isEdifice(prefix: [UInt8], fileBytes: Int) -> Bool {
    let header = prefix.prefix(EdificeHeader.byteCount)
    let rest = Array(prefix.dropFirst(EdificeHeader.byteCount).prefix(2))
    guard let flag = header.first, flag <= 1, let next = rest.first else { return false }
    let metadataBytes = header.dropFirst().reduce(0) { $0 << 8 | Int($1) }
    guard metadataBytes <= fileBytes - EdificeHeader.byteCount else { return false }
    // A term begins here: the metadata or, in a file without metadata, the container of an old Nx.
    // ``NxContainer`` refuses that one with its own message.
    if next == TermTag.version { return true }
    guard metadataBytes == 0 else { return false }
    return flag == 0 ? rest == NxContainer.magic : next == 0x78
  }
}
