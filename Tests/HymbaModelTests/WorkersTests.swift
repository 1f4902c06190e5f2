import Synchronization
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Threads that wait for short work")
struct WorkersTests {
  @Test(
    "each index is computed once, and all are done on return, however often",
    arguments: [0, 1, 2, 7, 100], [1, 2, 5])
  func once(_ count: Int, _ jobs: Int) {
    for _ in 0..<300 {
      let calls = Mutex([Int](repeating: 0, count: count))
      Workers.shared.forEach(count, jobs: jobs) { index in calls.withLock { $0[index] += 1 } }
      #expect(calls.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test("no more than `jobs` run at once", arguments: [1, 2, 3])
  func jobs(_ jobs: Int) {
    // More threads are there already.
    Workers.shared.forEach(6, jobs: 6) { _ in }
    let running = Mutex((now: 0, most: 0))
    for _ in 0..<20 {
      Workers.shared.forEach(40, jobs: jobs) { index in
        running.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        for look in 0..<2000 where look == index { running.withLock { _ in } }
        running.withLock { $0.now -= 1 }
      }
    }
    #expect(running.withLock { $0.most } <= jobs)
  }

  @Test("callers at the same time, and work within work, are served too")
  func together() async {
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let sum = Atomic(0)
          for _ in 0..<50 {
            Workers.shared.forEach(5, jobs: 3) { outer in
              Workers.shared.forEach(4, jobs: 2) { inner in
                sum.add(outer * 4 + inner, ordering: .relaxed)
              }
            }
          }
          return sum.load(ordering: .relaxed)
        }
      }
      let expected = 50 * (0..<20).reduce(0, +)
      for await sum in group { #expect(sum == expected) }
    }
  }

  @Test("work that comes when all threads sleep is done too")
  func sleep() async throws {
    for round in 0..<5 {
      try await Task.sleep(for: .milliseconds(20))
      let sum = Atomic(0)
      Workers.shared.forEach(9, jobs: 3) { index in sum.add(index, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == 36, "round \(round)")
    }
  }
}
