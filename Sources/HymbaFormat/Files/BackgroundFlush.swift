import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Flushes a large file to the disk while it is still being written. So its last flush has little left to do.
final class BackgroundFlush: Sendable {
  private let descriptor: Int32
  private let unflushed = Mutex(0)
  private let queue = DispatchQueue(label: "flush")

  /// The bytes that are written between two flushes. A smaller file is flushed once, at its end.
  private static let interval = 256 << 20

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Counts written bytes, and starts a flush when enough have come together.
  func wrote(_ byteCount: Int) {
    let isDue = unflushed.withLock { bytes in
      bytes += byteCount
      guard bytes >= Self.interval else { return false }
      bytes = 0
      return true
    }
    // A failure is ignored here: the last flush reports it again, and its result counts.
    if isDue { queue.async { [descriptor] in _ = fdatasync(descriptor) } }
  }

  /// Waits until no flush is running. Call it before the descriptor is closed.
  func wait() { queue.sync {} }
}
