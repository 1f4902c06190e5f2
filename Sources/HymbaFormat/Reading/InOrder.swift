import Synchronization

/// Hands on, in their order, the pieces of a run of bytes that come in any order and from several threads.
///
/// No thread waits for another one: a piece whose turn it is not, or that comes while another is handed on, is
/// copied and left to the thread that gets there.
package final class InOrder: Sendable {
  private struct State {
    /// Where the next piece begins.
    var next = 0
    var isBusy = false
    /// By where they begin.
    var waiting: [Int: [UInt8]] = [:]
  }

  private let count: Int
  private let state = Mutex(State())
  private let body: @Sendable (RawSpan) -> Void

  /// - Parameters:
  ///   - count: Bytes of the whole run.
  ///   - body: Is given each piece, by one thread at a time.
  package init(count: Int, _ body: @escaping @Sendable (RawSpan) -> Void) {
    self.count = count
    self.body = body
  }

  /// - Parameter offset: Where the piece begins. An empty piece belongs to an empty run alone.
  /// - Returns: Whether this call handed on the last piece.
  package func add(_ offset: Int, _ bytes: RawSpan) -> Bool {
    guard take(offset) else {
      leave(offset, unsafe bytes.withUnsafeBytes { unsafe Array($0) })
      return handOnWaiting()
    }
    body(bytes)
    return pass(bytes.byteCount) || handOnWaiting()
  }

  /// Whether it is the turn of the piece at `offset`, and no other thread is busy.
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

  /// Goes on behind a piece.
  /// - Returns: Whether it was the last one.
  private func pass(_ byteCount: Int) -> Bool {
    state.withLock { state in
      state.next += byteCount
      state.isBusy = false
      return state.next == count
    }
  }

  /// Hands on the pieces that are left here, as far as they follow one another and no other thread does it.
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
