import Synchronization

/// The XXH3 of pieces that come in any order and from several threads.
///
/// No thread waits for another one: a piece whose turn it is not, or that comes while another is hashed, is kept
/// and left to the thread that gets there.
final class OrderedDigest: Sendable {
  private struct State: ~Copyable {
    /// Nil while a thread hashes.
    var hasher: XXH3Hasher?
    var next = 0
    var waiting: [Int: [UInt8]] = [:]
  }

  private let count: Int
  private let state: Mutex<State>

  /// - Parameter count: The number of pieces, at least one.
  /// - Throws: ``FormatError/cannotRead(_:)`` when there is no memory for the state.
  init(count: Int) throws(FormatError) {
    let hasher = try XXH3Hasher()
    self.count = count
    self.state = Mutex(State(hasher: hasher))
  }

  /// Adds a piece. One that was added before counts once.
  ///
  /// - Parameter kept: The same bytes, where they are an array that can be kept without a copy.
  /// - Returns: The hasher of all pieces, to the one caller by whom they became complete.
  func add(_ index: Int, _ bytes: RawSpan, kept: [UInt8]? = nil) -> XXH3Hasher? {
    guard var hasher = take(index) else {
      return hashWaiting(leave(index, kept ?? bytes.array))
    }
    hasher.update(bytes)
    return hashWaiting(pass(hasher))
  }

  /// The hasher, if it is this piece's turn and no other thread hashes.
  private func take(_ index: Int) -> XXH3Hasher? {
    state.withLock { state in state.next == index ? state.hasher.take() : nil }
  }

  /// Keeps a piece for later.
  /// - Returns: The hasher, if no thread would come to the pieces that are kept.
  private func leave(_ index: Int, _ bytes: [UInt8]) -> XXH3Hasher? {
    state.withLock { state in
      guard index >= state.next else { return nil }
      state.waiting[index] = bytes
      return state.waiting[state.next] == nil ? nil : state.hasher.take()
    }
  }

  /// Goes on behind the piece that was hashed.
  /// - Returns: The hasher, if the next piece is kept here, or all are hashed.
  private func pass(_ hasher: consuming XXH3Hasher) -> XXH3Hasher? {
    var hasher: XXH3Hasher? = hasher
    return state.withLock { state in
      state.waiting[state.next] = nil
      state.next += 1
      if state.next < count, state.waiting[state.next] == nil { state.hasher = hasher.take() }
      return hasher.take()
    }
  }

  /// Hashes the pieces that are kept, as far as they follow one another.
  /// - Returns: The hasher, if that were the last ones.
  private func hashWaiting(_ hasher: consuming XXH3Hasher?) -> XXH3Hasher? {
    var hasher = hasher
    while var own = hasher.take() {
      guard let piece = state.withLock({ $0.next < count ? $0.waiting[$0.next] : nil }) else {
        return own
      }
      own.update(piece.raw)
      hasher = pass(own)
    }
    return nil
  }
}

extension RawSpan {
  /// A copy of the bytes.
  fileprivate var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
