import Synchronization

/// Passes on the pieces of a run of bytes in order. The pieces may come in any order and from several threads.
///
/// No thread waits for another one. A piece is passed on at once if it is next and no other piece is being
/// passed on. Otherwise it is copied, and the thread that reaches it passes it on.
package final class InOrder: Sendable {
  private struct State {
    /// The offset of the next piece.
    var next = 0
    var isBusy = false
    /// The copied pieces, by their offsets.
    var waiting: [Int: [UInt8]] = [:]
  }

  private let count: Int
  private let state = Mutex(State())
  private let body: @Sendable (RawSpan) -> Void

  /// - Parameters:
  ///   - count: The bytes of the whole run.
  ///   - body: Called with each piece, on one thread at a time.
  package init(count: Int, _ body: @escaping @Sendable (RawSpan) -> Void) {
    self.count = count
    self.body = body
  }

  /// Adds a piece. Every byte of the run is added once.
  /// - Parameter offset: The offset of the piece in the run. A piece may be empty only if the run is empty.
  /// - Returns: Whether this call passed on the last piece.
  package func add(_ offset: Int, _ bytes: RawSpan) -> Bool {
    guard take(offset) else {
      leave(offset, unsafe bytes.withUnsafeBytes { unsafe Array($0) })
      return handOnWaiting()
    }
    body(bytes)
    return pass(bytes.byteCount) || handOnWaiting()
  }

  /// Whether the piece at `offset` is next and no other thread is busy. If so, this thread becomes the busy
  /// one.
  private func take(_ offset: Int) -> Bool {
    state.withLock { state in
      guard state.next == offset, !state.isBusy else { return false }
      state.isBusy = true
      return true
    }
  }

  private func leave(_ offset: Int, _ bytes: [UInt8]) {
    state.withLock { $0.waiting[offset] = bytes }
  }

  /// Moves on to the piece that follows.
  /// - Returns: Whether the piece before it was the last one.
  private func pass(_ byteCount: Int) -> Bool {
    state.withLock { state in
      state.next += byteCount
      state.isBusy = false
      return state.next == count
    }
  }

  /// Passes on the copied pieces, as far as they follow one another and no other thread is busy.
  /// - Returns: Whether the last piece of the run was among them.
  private func handOnWaiting() -> Bool {
    while let piece = takeWaiting() {
      body(piece.raw)
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
