import HymbaFormat

/// What reading memory alone takes: the yardstick of decoding, which reads every weight once a token.
package enum MemoryReadBenchmark {
  /// Seconds that `jobs` threads take to read so many bytes of memory once; the best of three.
  package static func seconds(byteCount: Int, jobs: Int) -> Double {
    let buffer = Buffer(byteCount: byteCount)
    let part = max(64, (byteCount / (jobs * 16) + 63) / 64 * 64)
    let parts = stride(from: 0, to: byteCount, by: part).map { $0..<min($0 + part, byteCount) }
    _ = Parallel.map(count: parts.count, jobs: jobs) { index in
      buffer.withMutableBytes(parts[index]) { bytes in
        for offset in stride(from: 0, to: bytes.byteCount - 7, by: 8) {
          bytes.storeBytes(of: UInt64(offset), toByteOffset: offset, as: UInt64.self)
        }
      }
    }
    let clock = ContinuousClock()
    return (0..<3).map { _ in
      clock.measure {
        let sums = Parallel.map(count: parts.count, jobs: jobs) { index in
          sum(buffer, parts[index])
        }
        precondition(sums.count == parts.count, "the sums are used, so that they are computed")
      } / .seconds(1)
    }.min() ?? 0
  }

  @inline(never)
  private static func sum(_ buffer: Buffer, _ range: Range<Int>) -> UInt64 {
    let words = unsafe UnsafeBufferPointer(
      start: buffer.address(range.lowerBound).assumingMemoryBound(to: UInt64.self),
      count: range.count / 8)
    var sum: UInt64 = 0
    for index in words.indices { unsafe sum &+= words[index] }
    return sum
  }
}
