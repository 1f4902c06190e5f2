import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

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

/// Bytes that several threads fill at the same time, each its own part, and that are read together afterwards.
@safe final class Buffer: @unchecked Sendable {
  let byteCount: Int
  private let memory: UnsafeMutableRawPointer

  /// The size of a huge page on x86-64. Where another size is used, the system is asked for what it cannot give, and
  /// gives small pages.
  private static let hugePage = 2 << 20

  init(byteCount: Int) {
    self.byteCount = byteCount
    let pages = byteCount / Self.hugePage
    unsafe self.memory = .allocate(byteCount: max(byteCount, 1), alignment: pages > 0 ? Self.hugePage : 64)
    // Weights are read from one end to the other, and each small page costs a look-up. Only whole huge pages are asked
    // for, so that no memory behind the buffer is taken. A system that has none gives small ones.
    if pages > 0 { unsafe madvise(memory, pages * Self.hugePage, MADV_HUGEPAGE) }
  }

  deinit { unsafe memory.deallocate() }

  /// Passes the bytes of `range` to `body`.
  ///
  /// - Precondition: The bytes of `range` lie within the buffer, and nobody else uses them while `body` runs.
  /// - Throws: The error of `body`.
  func withMutableBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "a range of the buffer")
    // Reading bytes that were never written is allowed here: every bit pattern of a byte is valid.
    var span = unsafe MutableRawSpan(
      _unsafeStart: memory + range.lowerBound, byteCount: range.count)
    try body(&span)
  }

  /// Copies `count` bytes of another buffer, from its byte `start` on, to the beginning of this one.
  /// - Precondition: Both buffers hold these bytes, and nobody else uses this buffer's first `count` bytes.
  func copy(_ other: Buffer, from start: Int, count: Int) {
    precondition(start >= 0 && count >= 0 && start + count <= other.byteCount, "bytes of the other")
    precondition(count <= byteCount, "room for the bytes")
    unsafe memory.copyMemory(from: other.memory + start, byteCount: count)
  }

  /// The address of byte `offset`, for the matrix library and the kernels.
  func address(_ offset: Int) -> UnsafeMutableRawPointer {
    precondition(offset >= 0 && offset <= byteCount, "a byte of the buffer")
    return unsafe memory + offset
  }
}
