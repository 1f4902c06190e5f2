import Dispatch
import Synchronization

/// The SHA-256 of one tensor after another, on a thread of its own, beside the reading and writing of what it
/// hashes: it is the slowest part of storing a raw tensor, and one tensor's cannot be shared out.
final class BackgroundSHA256: Sendable {
  private struct State {
    var hasher = SHA256Hasher()
    var finished: [SHA256Digest] = []
    /// Those of ``finished`` that were waited for.
    var awaitedCount = 0
  }

  private let state = Mutex(State())
  private let queue: DispatchQueue?
  /// Bounds the data that waits to be hashed, counted in pieces of 2 MB. There is much of it, because hashing
  /// shares the cores with reading and writing, which stop when there is no room and then cannot catch up.
  private let room = DispatchSemaphore(value: 16)
  /// Counts the digests that nobody waited for yet.
  private let ready = DispatchSemaphore(value: 0)

  /// - Parameter jobs: With one, everything is hashed at once, on the caller's thread.
  init(jobs: Int) {
    queue = jobs > 1 ? DispatchQueue(label: "sha256") : nil
  }

  /// Adds the next bytes of a tensor; waits while 32 MB are not hashed yet.
  func update(_ window: TensorWindow) {
    guard let queue else { return hash(window) }
    let pieces = max(1, window.bytes.count >> 21)
    for _ in 0..<pieces { room.wait() }
    queue.async { [self] in
      hash(window)
      for _ in 0..<pieces { room.signal() }
    }
  }

  private func hash(_ window: TensorWindow) {
    state.withLock { state in
      state.hasher.update(window.bytes.raw)
      guard window.isLast else { return }
      state.finished.append(state.hasher.finalize())
      ready.signal()
    }
  }

  /// The digest of the tensor that was added as number `index`, from 0 on; waits until it is known.
  ///
  /// - Precondition: The tensor's last window was added. One thread asks.
  func digest(_ index: Int) -> SHA256Digest {
    let missing = state.withLock { state in
      let missing = max(0, index + 1 - state.awaitedCount)
      state.awaitedCount += missing
      return missing
    }
    for _ in 0..<missing { ready.wait() }
    return state.withLock { $0.finished[index] }
  }

  /// Lets all digests go.
  func forget() {
    state.withLock { state in
      state.finished = []
      state.awaitedCount = 0
    }
  }
}
