import Synchronization
import Testing

@testable import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Reading ahead", .timeLimit(.minutes(5)))
struct ReadAheadTests {
  struct Failure: Error, Equatable { let part: Int }

  /// A value that is complete when its parts have run.
  private final class Sum: Sendable {
    let value = Atomic(0)
    func add(_ number: Int) { value.add(number, ordering: .sequentiallyConsistent) }
    var now: Int { value.load(ordering: .sequentiallyConsistent) }
  }

  @Test("values come in order, and all of their parts have run", arguments: [1, 2, 5])
  func complete(_ jobs: Int) throws {
    var used: [Int] = []
    try ReadAhead.forEach(jobs: jobs) { number, parts -> (Int, Sum)? in
      guard number < 30 else { return nil }
      let sum = Sum()
      parts.add((0...number).map { part in { sum.add(part) } })
      return (number, sum)
    } _: { number, sum in
      #expect(sum.now == number * (number + 1) / 2)
      used.append(number)
    }
    #expect(used == Array(0..<30))
  }

  @Test("of several parts that fail, the first one's error is thrown", arguments: [1, 2, 8])
  func firstError(_ jobs: Int) {
    for _ in 0..<50 {
      #expect(throws: Failure(part: 3)) {
        try ReadAhead.forEach(jobs: jobs) { number, parts -> Int? in
          parts.add(
            (0..<40).map { part in
              {
                if part == 3 { usleep(200) }
                if part >= 3 { throw Failure(part: part) }
              }
            })
          return number
        } _: { _ in
          Issue.record("a value with parts that failed")
        }
      }
    }
  }

  @Test("a plan that fails ends it, and its parts are not begun", arguments: [1, 2])
  func plan(_ jobs: Int) {
    let begun = Sum()
    var used = 0
    #expect(throws: Failure(part: 2)) {
      try ReadAhead.forEach(jobs: jobs) { number, parts -> Int? in
        if number == 2 {
          parts.add([{ begun.add(1) }])
          throw Failure(part: 2)
        }
        return number
      } _: { _ in
        used += 1
      }
    }
    #expect(used == 2 && begun.now == 0)
  }

  @Test("when the consumer throws, no further part is begun and none runs any more")
  func cancelled() {
    let (begun, ended) = (Sum(), Sum())
    #expect(throws: Failure(part: -1)) {
      try ReadAhead.forEach(jobs: 2) { number, parts -> Int? in
        if number == 1 {
          parts.add(
            (0..<1000).map { _ in
              {
                begun.add(1)
                usleep(1000)
                ended.add(1)
              }
            })
        }
        return number
      } _: { _ in
        while begun.now == 0 { sched_yield() }
        throw Failure(part: -1)
      }
    }
    let count = begun.now
    #expect(count >= 1 && count < 1000 && ended.now == count)
    usleep(20_000)
    #expect(begun.now == count)
  }

  @Test("with one job everything runs on the caller's thread, when it is needed")
  func oneJob() throws {
    let caller = pthread_self()
    let inUse = Sum()
    try ReadAhead.forEach(jobs: 1) { number, parts -> Int? in
      #expect(pthread_equal(pthread_self(), caller) != 0 && inUse.now == 0)
      parts.add([{ #expect(pthread_equal(pthread_self(), caller) != 0 && inUse.now == 0) }])
      return number < 3 ? number : nil
    } _: { _ in
      inUse.add(1)
      inUse.add(-1)
    }
  }

  private static func priority() -> Int32 {
    getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
  }

  @Test(
    "the thread that reads ahead has the lowest priority until somebody waits, and then the caller's",
    .enabled(if: geteuid() == 0))
  func raised() throws {
    let caller = Self.priority()
    let seen = Mutex<[Int32]>([])
    let waits = Sum()
    try ReadAhead.forEach(jobs: 2) { number, _ -> Int? in
      guard number < 2 else { return nil }
      if number == 1 {
        seen.withLock { $0.append(Self.priority()) }
        // The consumer is about to wait.
        waits.add(1)
        while Self.priority() != caller { sched_yield() }
        seen.withLock { $0.append(Self.priority()) }
      }
      return number
    } _: { number in
      while number == 0, waits.now == 0 { sched_yield() }
    }
    #expect(seen.withLock { $0 } == [19, caller])
  }
}
