import HymbaFormat

/// Times the reading of memory alone, as the yardstick of decoding, which reads every weight once for each
/// token.
package enum MemoryReadBenchmark {
  /// The seconds that `jobs` threads take to read `byteCount` bytes of memory once: the best of three runs.
  package static func seconds(byteCount: Int, jobs: Int) -> Double {
    let words = byteCount / MemoryLayout<UInt64>.size
    let size = max(8, (words / (jobs * 16) + 7) / 8 * 8)
    let starts = Array(stride(from: 0, to: words, by: size))
    let parts = Parallel.map(count: starts.count, jobs: jobs) { index in
      let start = UInt64(starts[index])
      return (0..<UInt64(min(size, words - starts[index]))).map { start + $0 }
    }
    // The sums are compared, so that the compiler cannot leave them out.
    let expected = Parallel.map(count: parts.count, jobs: jobs) { sum(parts[$0]) }
    let clock = ContinuousClock()
    return (0..<3).map { _ in
      var sums: [UInt64] = []
      let time = clock.measure {
        sums = Parallel.map(count: parts.count, jobs: jobs) { sum(parts[$0]) }
      }
      return sums == expected ? time / .seconds(1) : .infinity
    }.min() ?? 0
  }

  @inline(never)
  private static func sum(_ words: [UInt64]) -> UInt64 {
    var sum: UInt64 = 0
    for word in words { sum &+= word }
    return sum
  }
}
