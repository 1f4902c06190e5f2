import Dispatch
import Synchronization

/// Computes the SHA-256 of one tensor after another, on a queue of its own, beside the reading and writing.
/// Hashing is the slowest part of storing a raw tensor, and the work for one tensor cannot be shared between
/// threads.
final class BackgroundSHA256: Sendable {
  private struct State {
    var hasher = SHA256Hasher()
    var finished: [SHA256Digest] = []
    /// The number of digests in ``finished`` that were waited for.
    var awaitedCount = 0
  }

  private let state = Mutex(State())
  private let queue: DispatchQueue?
  /// Bounds the data that waits to be hashed, counted in pieces of 2 MB. The bound is high because hashing
  /// shares the cores with reading and writing. These stop when there is no room, and hashing then cannot catch
  /// up.
  private let room = DispatchSemaphore(value: 16)
  /// Counts the digests that are finished and were not waited for yet.
  private let ready = DispatchSemaphore(value: 0)

  /// - Parameter jobs: The number of threads in use. With one, everything is hashed on the caller's thread.
  init(jobs: Int) {
    queue = jobs > 1 ? DispatchQueue(label: "sha256") : nil
  }

  /// Adds the next bytes of a tensor. Waits while 32 MB wait to be hashed.
  /// - Precondition: The window has fewer than 34 MB.
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

  /// The digest of the tensor that was added as number `index`, counted from 0. Waits until it is known.
  ///
  /// - Precondition: The tensor's last window was added. Only one thread calls this.
  func digest(_ index: Int) -> SHA256Digest {
    let missing = state.withLock { state in
      let missing = max(0, index + 1 - state.awaitedCount)
      state.awaitedCount += missing
      return missing
    }
    for _ in 0..<missing { ready.wait() }
    return state.withLock { $0.finished[index] }
  }

  /// Releases all digests. Numbers start from 0 again.
  func forget() {
    state.withLock { state in
      state.finished = []
      state.awaitedCount = 0
    }
  }
}
