import Synchronization

/// The XXH3 of pieces that may come in any order and from several threads.
///
/// No thread waits for another one. A piece is hashed at once if it is next and no other piece is being hashed.
/// Otherwise it is kept, and the thread that reaches it hashes it.
final class OrderedDigest: Sendable {
  private struct State: ~Copyable {
    /// The hasher; nil while a thread has it.
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

  /// Adds a piece. A piece that was added before is ignored.
  ///
  /// - Parameter kept: The same bytes as an array that can be kept without a copy, if there is one.
  /// - Returns: The hasher of all pieces, for the one call that completes them; nil for all others.
  func add(_ index: Int, _ bytes: RawSpan, kept: [UInt8]? = nil) -> XXH3Hasher? {
    guard var hasher = take(index) else {
      return hashWaiting(leave(index, kept ?? bytes.array))
    }
    hasher.update(bytes)
    return hashWaiting(pass(hasher))
  }

  /// The hasher, if this piece is next and no other thread hashes.
  private func take(_ index: Int) -> XXH3Hasher? {
    state.withLock { state in state.next == index ? state.hasher.take() : nil }
  }

  /// Keeps a piece for later. A piece that was hashed already is dropped.
  /// - Returns: The hasher, if the next piece is among those that are kept and no thread has the hasher.
  private func leave(_ index: Int, _ bytes: [UInt8]) -> XXH3Hasher? {
    state.withLock { state in
      guard index >= state.next else { return nil }
      state.waiting[index] = bytes
      return state.waiting[state.next] == nil ? nil : state.hasher.take()
    }
  }

  /// Moves on to the piece that follows the hashed one.
  /// - Returns: The hasher, if the next piece is among those that are kept, or if all pieces are hashed.
  private func pass(_ hasher: consuming XXH3Hasher) -> XXH3Hasher? {
    var hasher: XXH3Hasher? = hasher
    return state.withLock { state in
      state.waiting[state.next] = nil
      state.next += 1
      if state.next < count, state.waiting[state.next] == nil { state.hasher = hasher.take() }
      return hasher.take()
    }
  }

  /// Hashes the kept pieces, as far as they follow one another.
  /// - Returns: The hasher, if all pieces are hashed.
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
