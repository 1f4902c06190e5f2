import HymbaFormat
import Synchronization

/// A section that is one zlib stream.
///
/// Nothing inflated is kept. A read goes on from where an earlier one ended, and starts again when it asks
/// for bytes before all of those, so reading the tensors in about their order inflates the stream about
/// once. Reads from several threads wait for each other.
final class CompressedSection: TensorSection {
  private let file: InputFile
  private let start: Int
  private let cursors = Mutex(InflateCursors())

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
    // Nothing is not worth a restart.
    guard buffer.byteCount > 0 else { return }
    try withCursor(at: offset) { cursor in try cursor.read(into: &buffer) }
  }

  /// Inflates to the end: the only way to find the stream's length and its checksum.
  func requireData(of tree: NxTree, from offset: Int) throws {
    let (end, overflow) = offset.addingReportingOverflow(tree.dataBytes)
    guard !overflow, end <= byteCount else {
      throw EdificeError.zlib(
        .impossibleSize(declared: tree.dataBytes, limit: byteCount - offset), at: start)
    }
    guard !Limits.isBomb(claimed: tree.dataBytes, fileBytes: file.byteCount) else {
      throw EdificeError.bomb(claimed: tree.dataBytes, fileBytes: file.byteCount)
    }
    try withCursor(at: end) { cursor in try cursor.finish() }
  }

  /// A cursor whose reading failed is not kept.
  private func withCursor(
    at offset: Int, _ body: (inout InflateCursor) throws -> Void
  ) throws {
    try cursors.withLock { cursors in
      var cursor =
        if let cursor = cursors.take(upTo: offset) { cursor } else {
          try InflateCursor(file, from: start)
        }
      try cursor.skip(offset - cursor.position)
      try body(&cursor)
      cursors.keep(cursor)
    }
  }
}
