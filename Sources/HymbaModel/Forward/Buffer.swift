#if canImport(Glibc)
  import Glibc
#endif

/// Bytes that several threads fill at the same time, each its own part, and that are read together afterwards.
@safe final class Buffer: @unchecked Sendable {
  let byteCount: Int
  private let memory: UnsafeMutableRawPointer

  /// The bytes that are mapped from the system, with ``memory`` at their beginning; 0 where the allocator gave them.
  private let mappedBytes: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    if let pages = unsafe HugePages.map(byteCount) {
      unsafe self.memory = pages.memory
      unsafe self.mappedBytes = pages.byteCount
    } else {
      unsafe self.memory = .allocate(byteCount: max(byteCount, 1), alignment: 64)
      self.mappedBytes = 0
    }
  }

  deinit {
    if mappedBytes > 0 {
      unsafe munmap(memory, mappedBytes)
    } else {
      unsafe memory.deallocate()
    }
  }

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

/// Memory from the system in huge pages.
///
/// Weights are read from one end to the other, and each small page costs a look-up. The allocator would leave gaps
/// between buffers that begin at a huge page, and they fill up with what is freed later.
private enum HugePages {
  /// The size of a huge page on x86-64. Where another size is used, the system is asked for what it cannot give, and
  /// gives small pages.
  private static let size = 2 << 20

  /// Maps so many bytes, from the beginning of a huge page on.
  ///
  /// - Returns: The memory, and the bytes to unmap; nil for less than a huge page, and where the system gives none.
  static func map(_ byteCount: Int) -> (memory: UnsafeMutableRawPointer, byteCount: Int)? {
    let wanted = byteCount.addingReportingOverflow(2 * size)
    guard byteCount >= size, !wanted.overflow else { return nil }
    let small = Int(sysconf(Int32(_SC_PAGESIZE)))
    let used = (byteCount + small - 1) / small * small
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    let all = unsafe mmap(nil, used + size, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard unsafe all != MAP_FAILED, let all = unsafe all else { return nil }
    // What lies in front of the huge page and behind the buffer goes back.
    let front = unsafe all.alignedUp(toMultipleOf: size) - all
    let memory = unsafe all + front
    if front > 0 { unsafe munmap(all, front) }
    if front < size { unsafe munmap(memory + used, size - front) }
    // Only whole huge pages are asked for, so that no memory behind the buffer is taken.
    unsafe madvise(memory, byteCount / size * size, MADV_HUGEPAGE)
    return unsafe (memory, used)
  }
}
