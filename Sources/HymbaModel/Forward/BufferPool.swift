import Synchronization

/// Memory that is used again. Layers have equal sizes, and fresh pages for each of them cost more time than
/// filling them.
final class BufferPool: Sendable {
  private let free = Mutex<[Buffer]>([])

  /// A buffer of at least `byteCount` bytes with unspecified content. It returns to the pool when its last
  /// owner releases it.
  ///
  /// - Complexity: Linear in the number of free buffers.
  func take(_ byteCount: Int) -> Loan {
    let reused = free.withLock { buffers -> Buffer? in
      // The smallest buffer that fits is taken. One that is more than twice as large is left for larger
      // requests.
      let index = buffers.indices.filter {
        buffers[$0].byteCount >= byteCount && buffers[$0].byteCount / 2 <= byteCount
      }.min { buffers[$0].byteCount < buffers[$1].byteCount }
      return index.map { buffers.remove(at: $0) }
    }
    return Loan(reused ?? Buffer(byteCount: byteCount), from: self)
  }

  private func put(_ buffer: Buffer) { free.withLock { $0.append(buffer) } }

  /// A buffer that returns to the pool when its last owner releases it.
  final class Loan: Sendable {
    let buffer: Buffer
    private let pool: BufferPool

    fileprivate init(_ buffer: Buffer, from pool: BufferPool) {
      self.buffer = buffer
      self.pool = pool
    }

    deinit { pool.put(buffer) }
  }
}
