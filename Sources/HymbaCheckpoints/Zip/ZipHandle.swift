import CZip
import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// Owns an archive of libzip and its open entries. Every call of libzip is in this type.
///
/// Two threads must not use one archive at once: ``ZipArchive`` keeps it behind a lock.
@safe struct ZipHandle: ~Copyable {
  private let archive: OpaquePointer
  private var open: [OpenEntry] = []

  /// An open entry, and how far its content has been read.
  @safe private struct OpenEntry {
    let file: OpaquePointer
    let index: Int
    var position = 0
  }

  private static let windowBytes = 64 << 10

  /// Opens an archive: reads its directory, and compares it with the headers of the entries. The corresponding
  /// C function is `zip_open`.
  init(_ path: String) throws(ZipError) {
    var code: Int32 = 0
    guard let archive = unsafe zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code) else {
      switch code {
      case ZIP_ER_NOZIP: throw .noDirectory
      case ZIP_ER_EXISTS: throw .duplicateNames
      case ZIP_ER_INCONS: throw .inconsistent
      default: throw .cannotOpen(Self.text(ofCode: code))
      }
    }
    unsafe self.archive = archive
  }

  deinit {
    for entry in open { unsafe zip_fclose(entry.file) }
    unsafe zip_discard(archive)
  }

  var entryCount: Int { unsafe Int(clamping: zip_get_num_entries(archive, 0)) }

  /// An entry as the directory describes it. The corresponding C function is `zip_stat_index`.
  /// - Throws: ``ZipError`` for a name that no tensor could have, an encrypted entry, or an unknown
  ///   compression.
  func entry(at index: Int) throws(ZipError) -> ZipEntry {
    var status = unsafe zip_stat_t()
    guard unsafe zip_stat_index(archive, UInt64(index), 0, &status) == 0,
      let converted = unsafe status.name.flatMap({ unsafe String(validatingCString: $0) }),
      case let name = withControls(converted, ofEntry: index), !name.isEmpty, name.utf8.count <= Limits.nameBytes
    else { throw .unnamedEntry(index: index) }
    guard unsafe status.encryption_method == ZIP_EM_NONE else { throw .encrypted(name) }
    let number = unsafe Int32(status.comp_method)
    guard let method = ZipEntry.Method(rawValue: number),
      zip_compression_method_supported(number, 0) != 0
    else { throw .unknownMethod(name, method: Int(number)) }
    return unsafe ZipEntry(
      name: name, index: index, byteCount: Int(clamping: status.size),
      storedBytes: Int(clamping: status.comp_size), checksum: status.crc, method: method)
  }

  /// Restores the control characters of a name. libzip decodes names as code page 437, which has printable
  /// signs in place of control characters. Python, which reads and writes archives of arrays, keeps the control
  /// characters.
  private func withControls(_ name: String, ofEntry index: Int) -> String {
    guard let raw = unsafe zip_get_name(archive, UInt64(index), UInt32(ZIP_FL_ENC_RAW)) else {
      return name
    }
    let bytes = unsafe UnsafeBufferPointer(start: raw, count: strlen(raw)).map {
      UInt8(bitPattern: $0)
    }
    let scalars = Array(name.unicodeScalars)
    guard bytes.count == scalars.count, bytes.contains(where: { $0 < 0x20 }) else { return name }
    var restored = String.UnicodeScalarView()
    for (byte, scalar) in zip(bytes, scalars) {
      restored.append(byte < 0x20 ? Unicode.Scalar(byte) : scalar)
    }
    return String(restored)
  }

  /// Whether byte `offset` of a compressed entry can be reached without decompressing it from its beginning
  /// again.
  func reaches(_ offset: Int, of entry: ZipEntry) -> Bool {
    open.contains { $0.index == entry.index && $0.position <= offset }
  }

  /// Fills `buffer` with the content of `entry` from byte `offset` on. A compressed entry is read on from where
  /// an earlier read ended, or from its beginning.
  ///
  /// - Precondition: The range lies within `entry`.
  mutating func read(
    _ entry: ZipEntry, at offset: Int, into buffer: inout MutableRawSpan
  ) throws(ZipError) {
    var place = try take(entry, upTo: offset)
    do throws(ZipError) {
      try move(&place, of: entry, to: offset)
      try fill(&buffer, from: &place, of: entry)
      // At the end of an entry libzip compares its checksum. A compressed entry that was read to its end is
      // closed.
      if entry.method != .stored, place.position == entry.byteCount {
        try finish(place, of: entry)
        unsafe zip_fclose(place.file)
        return
      }
    } catch {
      unsafe zip_fclose(place.file)
      throw error
    }
    keep(place)
  }
}

extension ZipHandle {
  /// Takes out the open entry from which `offset` is reached soonest. Opens the entry again when there is none.
  private mutating func take(_ entry: ZipEntry, upTo offset: Int) throws(ZipError) -> OpenEntry {
    let usable = open.indices.filter {
      open[$0].index == entry.index && (entry.method == .stored || open[$0].position <= offset)
    }
    if let nearest = usable.max(by: { open[$0].position < open[$1].position }) {
      return open.remove(at: nearest)
    }
    guard let file = unsafe zip_fopen_index(archive, UInt64(entry.index), 0) else {
      throw unsafe Self.failure(zip_get_error(archive), entry)
    }
    return unsafe OpenEntry(file: file, index: entry.index)
  }

  /// Keeps an entry open. When too many are open, closes the one that was not used for the longest time.
  private mutating func keep(_ place: OpenEntry) {
    open.append(place)
    if open.count > Limits.openEntries { unsafe zip_fclose(open.removeFirst().file) }
  }

  /// Moves to byte `offset`: seeks in a stored entry; inflates and drops bytes of a compressed one.
  private func move(
    _ place: inout OpenEntry, of entry: ZipEntry, to offset: Int
  ) throws(ZipError) {
    guard place.position != offset else { return }
    if entry.method == .stored {
      guard unsafe zip_fseek(place.file, Int64(offset), SEEK_SET) == 0 else {
        throw unsafe Self.failure(zip_file_get_error(place.file), entry)
      }
      place.position = offset
      return
    }
    var scratch = [UInt8](
      repeating: 0, count: min(offset - place.position, Self.windowBytes))
    while place.position < offset {
      let count = min(scratch.count, offset - place.position)
      try scratch.withMutableBytes(0..<count) { bytes throws(ZipError) in
        try fill(&bytes, from: &place, of: entry)
      }
    }
  }

  private func fill(
    _ buffer: inout MutableRawSpan, from place: inout OpenEntry, of entry: ZipEntry
  ) throws(ZipError) {
    var done = 0
    while done < buffer.byteCount {
      let count = try read(into: &buffer, at: done, from: place, of: entry)
      guard count > 0 else {
        throw .endsEarly(entry.name, found: place.position, expected: entry.byteCount)
      }
      done += count
      place.position += count
    }
  }

  /// Checks that the content of the entry ends here.
  private func finish(_ place: OpenEntry, of entry: ZipEntry) throws(ZipError) {
    var spare: [UInt8] = [0]
    var extra = 0
    try spare.withMutableBytes(0..<1) { bytes throws(ZipError) in
      extra = try read(into: &bytes, at: 0, from: place, of: entry)
    }
    guard extra == 0 else { throw .tooLong(entry.name, expected: entry.byteCount) }
  }

  /// Reads once. The corresponding C function is `zip_fread`.
  /// - Returns: The number of bytes written to `buffer`; 0 at the end of the entry.
  private func read(
    into buffer: inout MutableRawSpan, at offset: Int, from place: OpenEntry, of entry: ZipEntry
  ) throws(ZipError) -> Int {
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      // `zip_fread` writes no more bytes than there are after `offset`.
      unsafe zip_fread(
        place.file, bytes.baseAddress?.advanced(by: offset), UInt64(bytes.count - offset))
    }
    guard count >= 0 else { throw unsafe Self.failure(zip_file_get_error(place.file), entry) }
    return Int(count)
  }

  // libzip's texts are zero-terminated. They live as long as the error or the archive that they belong to.

  private static func failure(
    _ error: UnsafeMutablePointer<zip_error_t>, _ entry: ZipEntry
  ) -> ZipError {
    unsafe ZipError(code: zip_error_code_zip(error), text(of: error), entry: entry.name)
  }

  private static func text(of error: UnsafeMutablePointer<zip_error_t>) -> String {
    unsafe String(cString: zip_error_strerror(error))
  }

  private static func text(ofCode code: Int32) -> String {
    var error = unsafe zip_error_t()
    unsafe zip_error_init_with_code(&error, code)
    defer { unsafe zip_error_fini(&error) }
    return unsafe text(of: &error)
  }
}
