import HymbaFormat
import Synchronization

/// Copies of compressed streams, which can be read in any order.
///
/// A compressed stream can only be read forwards: to step back, it must be inflated again from its beginning. A
/// reader asks ``mayStart(_:)`` before each start from the beginning. When the stream has been started too
/// often, the reader copies it with ``copy(_:byteCount:from:)``. So the total work is linear in the length of
/// the stream, whatever the order of the reads. All copies of one file lie one after another in one temporary
/// file, which is created with the first copy.
final class Spool: Sendable {
  private struct State {
    var file: ScratchFile?
    /// Bytes of the temporary file that copies occupy.
    var end = 0
    /// How many times each stream was started.
    var starts: [Int: Int] = [:]
    /// Where the copy of each stream begins, or why it could not be made.
    var copies: [Int: Result<Int, any Error>] = [:]
  }

  private let state = Mutex(State())

  /// Counts one more start of stream `number`.
  /// - Returns: Whether this start is allowed.
  func mayStart(_ number: Int) -> Bool {
    state.withLock { state in
      state.starts[number, default: 0] += 1
      return state.starts[number, default: 0] <= Limits.streamStarts
    }
  }

  /// Fills `buffer` from byte `offset` of the copy of stream `number` on.
  /// - Precondition: The range lies within the stream.
  /// - Returns: False when there is no copy.
  /// - Throws: What ``copy(_:byteCount:from:)`` threw for this stream, or `FormatError`.
  func read(_ number: Int, at offset: Int, into buffer: inout MutableRawSpan) throws -> Bool {
    let place = try state.withLock { state in
      try state.copies[number].map { (start: try $0.get(), file: state.file) }
    }
    guard let place, let file = place.file else { return false }
    try file.read(at: place.start + offset, into: &buffer)
    return true
  }

  /// Copies a stream, unless it was copied before. When the copy failed before, throws the same error again.
  ///
  /// - Parameters:
  ///   - number: The number of the stream in its file.
  ///   - byteCount: Length of the stream's content, which the caller has compared with what the file can hold.
  ///   - fill: Fills a buffer with the bytes from an offset on. It is called in order, from the first byte to
  ///     the last.
  /// - Throws: `FormatError` when the temporary file cannot be written, and what `fill` throws.
  func copy(
    _ number: Int, byteCount: Int, from fill: (Int, inout MutableRawSpan) throws -> Void
  ) throws {
    try state.withLock { state in
      if let copy = state.copies[number] { return _ = try copy.get() }
      do {
        let file = try state.file ?? ScratchFile()
        state.file = file
        var window = [UInt8](repeating: 0, count: min(byteCount, Limits.copyWindowBytes))
        for offset in stride(from: 0, to: byteCount, by: Limits.copyWindowBytes) {
          let count = min(window.count, byteCount - offset)
          try window.withMutableBytes(0..<count) { try fill(offset, &$0) }
          try file.write(window.raw.extracting(0..<count), at: state.end + offset)
        }
        state.copies[number] = .success(state.end)
        state.end += byteCount
      } catch {
        state.copies[number] = .failure(error)
      }
      _ = try state.copies[number]?.get()
    }
  }
}
