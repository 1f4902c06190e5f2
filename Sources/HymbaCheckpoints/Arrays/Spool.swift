import HymbaFormat
import Synchronization

/// Copies of compressed streams, which can be read in any order.
///
/// A compressed stream goes forwards only: to step back is to inflate it again from its beginning. Whoever reads
/// one asks ``mayStart(_:)`` before each of those, and copies the stream when it has been started often enough;
/// so the work is linear in its content, in whatever order that is asked for. All copies of a file lie behind
/// each other in one temporary file, which is made with the first of them.
final class Spool: Sendable {
  private struct State {
    var file: ScratchFile?
    /// Bytes of the file that copies have taken.
    var end = 0
    var starts: [Int: Int] = [:]
    /// Where the copy of a stream begins, or why it could not be made.
    var copies: [Int: Result<Int, any Error>] = [:]
  }

  private let state = Mutex(State())

  /// Whether stream `number` may be started once more, which is counted.
  func mayStart(_ number: Int) -> Bool {
    state.withLock { state in
      state.starts[number, default: 0] += 1
      return state.starts[number, default: 0] <= Limits.streamStarts
    }
  }

  /// Fills `buffer` from byte `offset` of the copy of stream `number` on; false when there is no copy.
  /// - Precondition: The range lies within the stream.
  /// - Throws: What ``copy(_:byteCount:from:)`` threw for this stream, or `FormatError`.
  func read(_ number: Int, at offset: Int, into buffer: inout MutableRawSpan) throws -> Bool {
    let place = try state.withLock { state in
      try state.copies[number].map { (start: try $0.get(), file: state.file) }
    }
    guard let place, let file = place.file else { return false }
    try file.read(at: place.start + offset, into: &buffer)
    return true
  }

  /// Copies a stream, unless that has been done or has failed.
  ///
  /// - Parameters:
  ///   - number: Which of the file's streams it is.
  ///   - byteCount: Bytes of its content, which the caller has compared with what the file can hold.
  ///   - fill: Is asked for the bytes from an offset on, from the first of them to the last.
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
