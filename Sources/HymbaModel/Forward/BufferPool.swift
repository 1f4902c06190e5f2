import Synchronization

/// Memory that is used again: layers are alike, and fresh pages for every one of them cost more time than
/// filling them.
final class BufferPool: Sendable {
  private let free = Mutex<[Buffer]>([])

  /// A buffer of at least `byteCount` bytes of any content. It comes back when its last owner goes.
  func take(_ byteCount: Int) -> Loan {
    let reused = free.withLock { buffers -> Buffer? in
      // The smallest that fits; one far larger is left for who needs it.
      let index = buffers.indices.filter {
        buffers[$0].byteCount >= byteCount && buffers[$0].byteCount / 2 <= byteCount
      }.min { buffers[$0].byteCount < buffers[$1].byteCount }
      return index.map { buffers.remove(at: $0) }
    }
    return Loan(reused ?? Buffer(byteCount: byteCount), from: self)
  }

  private func put(_ buffer: Buffer) { free.withLock { $0.append(buffer) } }

  /// A buffer until its last owner goes.
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

/// Bytes that threads fill side by side, each its own part, and read together afterwards.
@safe final class Buffer: @unchecked Sendable {
  let byteCount: Int
  private let memory: UnsafeMutableRawPointer

  init(byteCount: Int) {
    self.byteCount = byteCount
    unsafe self.memory = .allocate(byteCount: max(byteCount, 1), alignment: 64)
  }

  deinit { unsafe memory.deallocate() }

  /// - Precondition: the bytes of `range` lie within the buffer, and are used by nobody else while `body` runs.
  func withMutableBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "a range of the buffer")
    // Bytes that nothing was written to are bytes of some value: raw memory has no invalid patterns.
    var span = unsafe MutableRawSpan(
      _unsafeStart: memory + range.lowerBound, byteCount: range.count)
    try body(&span)
  }

  /// Copies the first bytes of this buffer from another one, from byte `start` of that on.
  /// - Precondition: both have as many, and nobody else uses the first ones of this one.
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
