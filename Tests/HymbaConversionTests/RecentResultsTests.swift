import Dispatch
import Synchronization
import Testing

@testable import HymbaConversion

@Suite("Results that are kept for a while", .timeLimit(.minutes(5)))
struct RecentResultsTests {
  struct Failure: Error, Equatable { let number: Int }

  /// Runs bodies on threads of their own and waits for them.
  private func threads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
      DispatchQueue(label: "\(index)").async(group: group) { body(index) }
    }
    group.wait()
  }

  @Test("threads that want different results make them side by side")
  func sideBySide() throws {
    let recent = RecentResults<Int, Int>(limit: 3)
    let making = Atomic(0)
    let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    threads(2) { index in
      _ = try? recent.value(index) {
        making.add(1, ordering: .sequentiallyConsistent)
        // Each waits for the other one to be in the making, too.
        (index == 0 ? first : second).signal()
        (index == 0 ? second : first).wait()
        return index
      }
    }
    #expect(making.load(ordering: .sequentiallyConsistent) == 2)
  }

  @Test("threads that want the same result get that of the one that makes it")
  func same() throws {
    let recent = RecentResults<String, Int>(limit: 3)
    let made = Atomic(0)
    let found = Mutex<[Int]>([])
    threads(8) { _ in
      let value = try? recent.value("k") {
        made.add(1, ordering: .sequentiallyConsistent).newValue
      }
      found.withLock { $0.append(value ?? -1) }
    }
    #expect(found.withLock { $0 } == [Int](repeating: 1, count: 8))
  }

  @Test("no more are in being than the limit, and the last ones are kept", arguments: [1, 2, 3])
  func limit(_ limit: Int) throws {
    final class Live: Sendable {
      let count: Counter
      init(_ count: Counter) {
        self.count = count
        let now = count.now.add(1, ordering: .sequentiallyConsistent).newValue
        _ = count.most.max(now, ordering: .sequentiallyConsistent)
      }
      deinit { count.now.subtract(1, ordering: .sequentiallyConsistent) }
    }
    final class Counter: Sendable {
      let now = Atomic(0)
      let most = Atomic(0)
    }
    let count = Counter()
    let recent = RecentResults<Int, Live>(limit: limit)
    for key in 0..<20 { _ = try recent.value(key) { Live(count) } }
    #expect(count.now.load(ordering: .sequentiallyConsistent) == limit)
    for key in 20 - limit..<20 {
      _ = try recent.value(key) {
        Issue.record("made again")
        return Live(count)
      }
    }
    let making = Mutex((now: 0, most: 0))
    threads(8) { index in
      for key in 0..<20 {
        _ = try? recent.value(100 + (key * (index + 1)) % 20) {
          making.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
          }
          defer { making.withLock { $0.now -= 1 } }
          return Live(count)
        }
      }
    }
    #expect(making.withLock { $0.most } <= limit)
    #expect(count.now.load(ordering: .sequentiallyConsistent) == limit)
  }

  @Test("a failure goes to who waits, and the next one makes the result again")
  func failure() throws {
    let recent = RecentResults<Int, Int>(limit: 2)
    for number in 0..<3 {
      #expect(throws: Failure(number: number)) {
        try recent.value(1) { throw Failure(number: number) }
      }
    }
    #expect(try recent.value(1) { 7 } == 7)
  }
}
