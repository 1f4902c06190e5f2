import HymbaFormat

/// The CRC-32 of an entry that is read in pieces, in any order.
///
/// Neighbouring pieces are joined. When one piece covers the whole entry, its checksum is compared with the one
/// in the zip directory. Bytes that are read again are not looked at again.
struct EntryChecksum {
  private let entry: ZipEntry
  /// The pieces read so far, in the order of the content. No two of them touch.
  private var pieces: [Piece] = []

  private struct Piece {
    var range: Range<Int>
    var checksum: UInt32
  }

  init(of entry: ZipEntry) { self.entry = entry }

  /// The parts of `range` that were not read before, in order.
  func missing(in range: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    for piece in pieces where piece.range.overlaps(range) {
      if start < piece.range.lowerBound { parts.append(start..<piece.range.lowerBound) }
      start = piece.range.upperBound
    }
    if start < range.upperBound { parts.append(start..<range.upperBound) }
    return parts
  }

  /// Whether all of the entry was read and its checksum is right.
  var isComplete: Bool { pieces.first?.range == 0..<entry.byteCount }

  /// Adds the bytes of `range`.
  /// - Parameter checksum: Gives the CRC-32 of a part of `range`. It is called only for parts that were not
  ///   read before.
  /// - Throws: ``ZipError/checksum(_:expected:found:)``, each time that a damaged entry has been read
  ///   completely.
  mutating func add(
    _ range: Range<Int>, checksum: (Range<Int>) -> UInt32
  ) throws(ZipError) {
    for part in missing(in: range) { try add(checksum(part), of: part) }
  }

  /// - Precondition: None of the bytes of `range` were read before.
  private mutating func add(_ checksum: UInt32, of range: Range<Int>) throws(ZipError) {
    let place = pieces.firstIndex { $0.range.lowerBound >= range.upperBound } ?? pieces.count
    pieces.insert(Piece(range: range, checksum: checksum), at: place)
    join(at: place)
    if place > 0 { join(at: place - 1) }
    if pieces.count > Limits.checksumPieces { pieces.removeLast() }
    guard let only = pieces.first, only.range == 0..<entry.byteCount else { return }
    guard only.checksum == entry.checksum else {
      pieces = []
      throw .checksum(entry.name, expected: entry.checksum, found: only.checksum)
    }
  }

  /// Joins the piece at `place` with the one after it if they touch.
  private mutating func join(at place: Int) {
    guard place + 1 < pieces.count else { return }
    let next = pieces[place + 1]
    guard pieces[place].range.upperBound == next.range.lowerBound else { return }
    pieces[place].checksum = CRC32.combine(
      pieces[place].checksum, next.checksum, byteCount: next.range.count)
    pieces[place].range = pieces[place].range.lowerBound..<next.range.upperBound
    pieces.remove(at: place + 1)
  }
}
