import Synchronization
import Testing

@testable import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Parallel map")
struct ParallelTests {
  struct Failure: Error, Equatable { let index: Int }

  @Test(
    "the results are in the order of the indices", arguments: [0, 1, 2, 3, 64, 200], [1, 2, 3, 16])
  func order(_ count: Int, _ jobs: Int) throws {
    #expect(Parallel.map(count: count, jobs: jobs) { $0 * $0 } == (0..<count).map { $0 * $0 })
  }

  @Test("each index is computed once", arguments: [1, 4])
  func once(_ jobs: Int) throws {
    let calls = Mutex([Int](repeating: 0, count: 100))
    _ = Parallel.map(count: 100, jobs: jobs) { index in calls.withLock { $0[index] += 1 } }
    #expect(calls.withLock { $0 } == [Int](repeating: 1, count: 100))
  }

  @Test("no more than `jobs` run at once", arguments: [1, 2, 3])
  func jobs(_ jobs: Int) throws {
    let running = Mutex((now: 0, most: 0))
    _ = Parallel.map(count: 60, jobs: jobs) { index in
      running.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      _ = Random.bytes(2000, seed: UInt64(index))
      running.withLock { $0.now -= 1 }
    }
    #expect(running.withLock { $0.most } <= jobs)
  }

  @Test("of several errors the one of the lowest index is thrown", arguments: [1, 2, 8])
  func firstError(_ jobs: Int) {
    for _ in 0..<20 {
      #expect(throws: Failure(index: 3)) {
        try Parallel.map(count: 40, jobs: jobs) { index in
          // The earlier one fails later.
          if index == 3 { _ = Random.bytes(3000) }
          if index % 7 == 3 { throw Failure(index: index) }
        }
      }
    }
  }

  @Test("there is at least one core")
  func cores() { #expect(Parallel.cores >= 1) }

  @Test(
    "what is reported on any thread is told on the caller's, and comes to the sum",
    arguments: [0, 1, 40], [1, 4])
  func progress(_ count: Int, _ jobs: Int) throws {
    let caller = pthread_self()
    var told = 0
    let results = try Parallel.map(
      count: count, jobs: jobs,
      progress: {
        #expect(pthread_equal(pthread_self(), caller) != 0)
        told += $0
      }
    ) { index, report in
      report(index)
      report(1)
      return 2 * index
    }
    #expect(results == (0..<count).map { 2 * $0 } && told == count * (count + 1) / 2)
    #expect(throws: Failure(index: 2)) {
      _ = try Parallel.map(count: 9, jobs: jobs, progress: { _ in }) { index, _ in
        if index >= 2 { throw Failure(index: index) }
      }
    }
  }
}
