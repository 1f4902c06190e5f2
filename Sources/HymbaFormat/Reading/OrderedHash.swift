import Synchronization

/// A hash function over data that comes in pieces.
package protocol ByteHasher: ~Copyable, Sendable {
  mutating func update(_ data: RawSpan)
}

extension SHA256Hasher: ByteHasher {}
extension XXH3Hasher: ByteHasher {}

/// The hash of a run of bytes whose pieces may come in any order and from several threads.
///
/// No thread waits for another one. A piece is hashed at once if it is next and no other piece is being hashed.
/// Otherwise it is kept, and the thread that reaches it hashes it.
package final class OrderedHash<Hasher: ByteHasher & ~Copyable>: Sendable {
  private struct State {
    /// Where the next piece begins.
    var next = 0
    var isBusy = false
    /// The kept pieces, by where they begin.
    var waiting: [Int: [UInt8]] = [:]
  }

  private let count: Int
  private let state = Mutex(State())
  private let hasher: Mutex<Hasher>

  /// - Parameter count: The bytes of the whole run.
  package init(count: Int, _ hasher: consuming sending Hasher) {
    self.count = count
    self.hasher = Mutex(hasher)
  }

  /// Adds a piece. A piece that was added before is ignored, and so is an empty one, except in an empty run.
  ///
  /// - Parameters:
  ///   - offset: Where the piece begins.
  ///   - kept: The same bytes as an array that can be kept without a copy, if there is one.
  /// - Returns: Whether the hash is complete with this call, which one call is told.
  package func add(_ offset: Int, _ bytes: RawSpan, kept: [UInt8]? = nil) -> Bool {
    guard bytes.byteCount > 0 || count == 0 else { return false }
    guard take(offset) else {
      leave(offset, kept ?? bytes.array)
      return hashWaiting()
    }
    hasher.withLock { $0.update(bytes) }
    return pass(bytes.byteCount) || hashWaiting()
  }

  /// Uses the hasher, once the hash is complete.
  package func finish<Result>(_ body: (inout Hasher) throws -> Result) rethrows -> Result {
    try hasher.withLock { try body(&$0) }
  }

  /// Whether the piece at `offset` is next and no thread hashes, so that the caller may.
  private func take(_ offset: Int) -> Bool {
    state.withLock { state in
      guard state.next == offset, !state.isBusy else { return false }
      state.isBusy = true
      return true
    }
  }

  /// Keeps a piece for later. A piece that was hashed already is dropped.
  private func leave(_ offset: Int, _ bytes: [UInt8]) {
    state.withLock { state in
      if offset >= state.next { state.waiting[offset] = bytes }
    }
  }

  /// Moves on to the piece that follows the hashed one.
  /// - Returns: Whether the hashed piece was the last one.
  private func pass(_ byteCount: Int) -> Bool {
    state.withLock { state in
      state.waiting[state.next] = nil
      state.next += byteCount
      state.isBusy = false
      return state.next == count
    }
  }

  /// Hashes the kept pieces, as far as they follow one another and no other thread does it.
  /// - Returns: Whether the last piece was among them.
  private func hashWaiting() -> Bool {
    while let piece = takeWaiting() {
      hasher.withLock { $0.update(piece.raw) }
      if pass(piece.count) { return true }
    }
    return false
  }

  private func takeWaiting() -> [UInt8]? {
    state.withLock { state in
      guard !state.isBusy, let piece = state.waiting.removeValue(forKey: state.next) else {
        return nil
      }
      state.isBusy = true
      return piece
    }
  }
}

extension RawSpan {
  /// A copy of the bytes.
  fileprivate var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
