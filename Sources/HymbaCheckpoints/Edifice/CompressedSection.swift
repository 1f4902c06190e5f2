import HymbaFormat
import Synchronization

/// A tensor section that is one zlib stream.
///
/// A read goes on from where an earlier one ended, or starts at the beginning when all earlier ones are past
/// its offset. So reading the tensors in about their order inflates the stream about once and keeps nothing.
/// Reads in another order copy the stream to a temporary file after a few starts, see ``Spool``. Reads from
/// several threads wait for one another.
final class CompressedSection: TensorSection {
  private let file: InputFile
  private let start: Int
  private let spool = Spool()
  private let state = Mutex(State())

  private struct State: ~Copyable {
    var cursors = InflateCursors()
    /// Length of the whole section in bytes; nil until it is known.
    var end: Int?
  }

  /// - Precondition: `start` is within the file.
  init(_ file: InputFile, from start: Int) {
    self.file = file
    self.start = start
  }

  var byteCount: Int {
    let (bytes, overflow) = (file.byteCount - start).multipliedReportingOverflow(
      by: Limits.deflateRatio)
    return overflow ? Int.max : bytes
  }

  func position(of offset: Int) -> FilePosition { .inflated(offset) }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    // An empty read must not start the stream again.
    guard buffer.byteCount > 0, try !spool.read(0, at: offset, into: &buffer) else { return }
    let isRead = try state.withLock { state in
      try read(&state, at: offset) { cursor in try cursor.read(into: &buffer) }
    }
    if !isRead { _ = try spool.read(0, at: offset, into: &buffer) }
  }

  /// Inflates the stream to its end: the only way to find its length and to compare its checksum.
  /// - Throws: ``EdificeError``, `FormatError` when the file cannot be read.
  /// - Complexity: Inflates the whole stream once.
  func requireData(of tree: NxTree, from offset: Int) throws {
    let (end, overflow) = offset.addingReportingOverflow(tree.dataBytes)
    guard !overflow, end <= byteCount else {
      throw EdificeError.zlib(
        .impossibleSize(declared: tree.dataBytes, limit: byteCount - offset), at: start)
    }
    guard !Limits.isBomb(claimed: tree.dataBytes, fileBytes: file.byteCount) else {
      throw EdificeError.bomb(claimed: tree.dataBytes, fileBytes: file.byteCount)
    }
    try state.withLock { state in
      _ = try read(&state, at: end) { cursor in try cursor.finish() }
      state.end = end
    }
  }

  /// Runs `body` with a cursor at byte `offset`. The cursor is not kept when this fails.
  /// - Returns: False when the stream was copied to a temporary file instead: the caller must read the copy.
  private func read(
    _ state: inout State, at offset: Int, _ body: (inout InflateCursor) throws -> Void
  ) throws -> Bool {
    var cursor: InflateCursor
    if let found = state.cursors.take(upTo: offset) {
      cursor = found
    } else {
      cursor = try InflateCursor(file, from: start)
      if let end = state.end, !spool.mayStart(0) {
        try spool.copy(0, byteCount: end) { _, window in try cursor.read(into: &window) }
        return false
      }
    }
    try cursor.skip(offset - cursor.position)
    try body(&cursor)
    state.cursors.keep(cursor)
    return true
  }
}
