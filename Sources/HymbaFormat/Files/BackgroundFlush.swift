import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Sends a large file to the disk while it is still being written, so that its last flush has little left to do.
final class BackgroundFlush: Sendable {
  private let descriptor: Int32
  private let unflushed = Mutex(0)
  private let queue = DispatchQueue(label: "flush")

  /// Bytes that are written between two flushes; a smaller file is flushed once, at its end.
  private static let interval = 256 << 20

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Is told that bytes were written.
  func wrote(_ byteCount: Int) {
    let isDue = unflushed.withLock { bytes in
      bytes += byteCount
      guard bytes >= Self.interval else { return false }
      bytes = 0
      return true
    }
    // A failure shows again at the last flush, whose result counts.
    if isDue { queue.async { [descriptor] in _ = fdatasync(descriptor) } }
  }

  /// Waits until nothing is flushed any more: before the descriptor is closed.
  func wait() { queue.sync {} }
}
