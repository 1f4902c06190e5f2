import Dispatch
import Synchronization

/// SHA-256 on a thread of its own, beside the reading and writing of what it hashes: it is the slowest part
/// of storing a raw tensor, and it cannot be shared out.
final class BackgroundSHA256: Sendable {
  private let hasher = Mutex(SHA256Hasher())
  private let queue: DispatchQueue?
  /// Bounds the data that waits to be hashed.
  private let room = DispatchSemaphore(value: 4)

  /// - Parameter jobs: With one, everything is hashed at once, on the caller's thread.
  init(jobs: Int) {
    queue = jobs > 1 ? DispatchQueue(label: "sha256") : nil
  }

  /// Adds data; waits while four earlier pieces are not hashed yet.
  func update(_ data: [UInt8]) {
    guard let queue else { return hasher.withLock { $0.update(data.raw) } }
    room.wait()
    queue.async { [self] in
      hasher.withLock { $0.update(data.raw) }
      room.signal()
    }
  }

  /// The digest of all data since the last call.
  func finalize() -> SHA256Digest {
    queue?.sync {}
    return hasher.withLock { hasher in
      defer { hasher = SHA256Hasher() }
      return hasher.finalize()
    }
  }
}
