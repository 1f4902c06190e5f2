import HymbaFormat
import Synchronization

/// A zip archive that is open for reading. The entries are known at once; their content is read by range.
///
/// Opening reads the directory and the headers of the entries. Reads from several threads wait for one another.
/// The checksum of an entry is compared when all of it has been read, in whatever order.
final class ZipArchive: Sendable {
  let entries: [ZipEntry]
  /// The file that holds the archive.
  let file: SourceFile
  /// Positions in ``entries``, by name.
  private let positions: NameTable<Int>
  private let handle: Mutex<ZipHandle>
  /// Checksums of the stored entries that were read at least in part, by entry index.
  private let checksums = Mutex<[Int: EntryChecksum]>([:])
  /// Lock that is held while a stored entry is read whole.
  private let checking = Mutex(())
  /// Copies of the compressed entries that were read out of order, by entry index.
  private let spool = Spool()

  /// Opens the archive at `path`.
  /// - Throws: ``ZipError``, `FormatError` when the file cannot be read.
  init(_ path: String) throws {
    let fileBytes = try InputFile(path).byteCount
    let handle = try ZipHandle(path)
    let count = handle.entryCount
    guard count > 0 else { throw ZipError.noEntries }
    guard count <= Limits.zipEntries else {
      throw ZipError.tooManyEntries(count, limit: Limits.zipEntries)
    }
    let entries = try (0..<count).map { try handle.entry(at: $0) }
    self.positions = try Self.check(entries, fileBytes: fileBytes)
    self.entries = entries
    self.file = SourceFile(name: FileSystem.name(of: path), bytes: fileBytes)
    self.handle = Mutex(handle)
  }

  subscript(name: String) -> ZipEntry? { positions[name].map { entries[$0] } }

  /// Fills `buffer` with the content of `entry` from byte `offset` on.
  /// - Throws: ``ZipError``, also when the range lies beyond the entry; `FormatError` for the temporary file.
  func read(_ entry: ZipEntry, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let count = buffer.byteCount
    guard offset >= 0, offset <= entry.byteCount, count <= entry.byteCount - offset else {
      throw ZipError.endsEarly(entry.name, found: entry.byteCount, expected: offset &+ count)
    }
    guard count > 0 else { return }
    switch entry.method {
    case .stored:
      try handle.withLock { handle in try handle.read(entry, at: offset, into: &buffer) }
      try check(buffer.bytes, at: offset, of: entry)
    case .deflated, .bzip2:
      try readCompressed(entry, at: offset, into: &buffer)
    }
  }

  /// Reads from an open stream of the entry, or from its copy when the stream has been started too often.
  private func readCompressed(
    _ entry: ZipEntry, at offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    if try spool.read(entry.index, at: offset, into: &buffer) { return }
    let isRead = try handle.withLock { handle in
      guard handle.reaches(offset, of: entry) || spool.mayStart(entry.index) else { return false }
      try handle.read(entry, at: offset, into: &buffer)
      return true
    }
    guard !isRead else { return }
    try copyWhole(entry)
    _ = try spool.read(entry.index, at: offset, into: &buffer)
  }

  /// Decompresses an entry once to a temporary file and compares its checksum, unless that has been done.
  private func copyWhole(_ entry: ZipEntry) throws {
    // The lock is held throughout: another read would move the position from which the copy goes on.
    try handle.withLock { handle in
      try spool.copy(entry.index, byteCount: entry.byteCount) { offset, window in
        try handle.read(entry, at: offset, into: &window)
      }
    }
  }

  /// Reads an entry once from beginning to end, unless that has been done. So its checksum has been compared
  /// before anybody reads it out of order or in part.
  /// - Throws: ``ZipError``, also when the checksum is wrong; `FormatError` for the temporary file.
  /// - Complexity: Reads the entry once.
  func checkWhole(_ entry: ZipEntry) throws {
    guard entry.method == .stored else { return try copyWhole(entry) }
    // A second thread waits here, and then finds everything done.
    try checking.withLock { _ in
      guard !checksums.withLock({ $0[entry.index]?.isComplete ?? false }) else { return }
      var window = [UInt8](repeating: 0, count: min(entry.byteCount, Limits.checkWindowBytes))
      for offset in stride(from: 0, to: entry.byteCount, by: Limits.checkWindowBytes) {
        try window.withMutableBytes(0..<min(window.count, entry.byteCount - offset)) {
          try read(entry, at: offset, into: &$0)
        }
      }
    }
  }

  /// Adds the new ones among these bytes to the checksum of a stored entry.
  private func check(_ bytes: RawSpan, at offset: Int, of entry: ZipEntry) throws(ZipError) {
    let range = offset..<offset + bytes.byteCount
    func checksum(_ part: Range<Int>) -> UInt32 {
      CRC32.of(bytes.extracting(part.lowerBound - offset..<part.upperBound - offset))
    }
    let missing = checksums.withLock { $0[entry.index]?.missing(in: range) ?? [range] }
    // Checksums are computed outside the lock, so that several threads can do it at once.
    let known = Dictionary(uniqueKeysWithValues: missing.map { ($0, checksum($0)) })
    try checksums.withLock { checksums throws(ZipError) in
      try checksums[entry.index, default: EntryChecksum(of: entry)].add(range) { part in
        // This part is not in `known` when another thread has read some of it meanwhile.
        known[part] ?? checksum(part)
      }
    }
  }

  /// The whole content of a small entry.
  /// - Throws: ``ZipError/tooLarge(_:bytes:limit:)`` for more than `limit` bytes, and the errors of reading.
  func content(of entry: ZipEntry, limit: Int) throws -> [UInt8] {
    guard entry.byteCount <= limit else {
      throw ZipError.tooLarge(entry.name, bytes: entry.byteCount, limit: limit)
    }
    return try [UInt8](count: entry.byteCount) { try read(entry, at: 0, into: &$0) }
  }

  /// Compares the sizes that the directory declares with what the file can hold.
  /// - Returns: The positions of the entries, by name.
  private static func check(
    _ entries: [ZipEntry], fileBytes: Int
  ) throws(ZipError) -> NameTable<Int> {
    var positions = NameTable<Int>(minimumCapacity: entries.count)
    var stored = 0
    var content = 0
    for (position, entry) in entries.enumerated() {
      guard !entry.name.hasTooManyMarks else { throw .unnamedEntry(index: entry.index) }
      guard positions.insert(position, for: entry.name) else { throw .duplicateNames }
      guard entry.storedBytes <= fileBytes - stored else {
        throw .overlapping(
          total: stored.addingReportingOverflow(entry.storedBytes).partialValue,
          fileBytes: fileBytes)
      }
      stored += entry.storedBytes
      switch entry.method {
      case .stored where entry.byteCount != entry.storedBytes:
        throw .storedSize(entry.name, content: entry.byteCount, stored: entry.storedBytes)
      case .deflated where entry.byteCount / Limits.deflateRatio > entry.storedBytes:
        throw .impossibleSize(entry.name, content: entry.byteCount, stored: entry.storedBytes)
      default: break
      }
      // An entry of another method may claim any size.
      let (sum, overflow) = content.addingReportingOverflow(entry.byteCount)
      guard !overflow else { throw .bomb(claimed: .max, fileBytes: fileBytes) }
      content = sum
    }
    guard !Limits.isBomb(claimed: content, fileBytes: fileBytes) else {
      throw .bomb(claimed: content, fileBytes: fileBytes)
    }
    return positions
  }
}
