import Dispatch
import FoundationEssentials
import Synchronization

/// Work spread over the processor's cores.
public enum Parallel {
  /// The number of cores that this process may use.
  public static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// The results of `body(0)`, `body(1)`, …, in this order, computed at most `jobs` at a time.
  /// - Throws: The error of the lowest index that failed.
  public static func map<Element: Sendable>(
    count: Int, jobs: Int, _ body: @Sendable (Int) throws -> Element
  ) rethrows -> [Element] {
    guard count > 1, jobs > 1 else { return try (0..<max(0, count)).map(body) }
    let results = Mutex([Result<Element, any Error>?](repeating: nil, count: count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(jobs, count)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let result = Result { try body(index) }
        results.withLock { $0[index] = result }
      }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }

  /// Does the same, and calls `progress` on the caller's thread with the work that `body` reports.
  /// - Parameter body: Is given an index, and a function that takes the work that was done since its last call.
  /// - Throws: The error of the lowest index that failed.
  package static func map<Element: Sendable>(
    count: Int, jobs: Int, progress: (Int) -> Void,
    _ body: @escaping @Sendable (Int, _ report: (Int) -> Void) throws -> Element
  ) throws -> [Element] {
    guard count > 1, jobs > 1 else { return try (0..<max(0, count)).map { try body($0, progress) } }
    let meter = Meter<[Element]>()
    DispatchQueue.global().async {
      meter.end(Result { try map(count: count, jobs: jobs) { try body($0, meter.add) } })
    }
    while let done = meter.next() { progress(done) }
    return try meter.result()
  }
}

/// Counts the work of other threads for the thread that waits for their result.
private final class Meter<Value: Sendable>: Sendable {
  private struct State {
    var done = 0
    var result: Result<Value, any Error>?
  }

  private let state = Mutex(State())
  private let changed = DispatchSemaphore(value: 0)

  func add(_ work: Int) {
    state.withLock { $0.done += work }
    changed.signal()
  }

  func end(_ result: Result<Value, any Error>) {
    state.withLock { $0.result = result }
    changed.signal()
  }

  /// Waits for the next report.
  /// - Returns: The work that was done since the last call; nil after the last report.
  func next() -> Int? {
    while true {
      let (done, isEnded) = state.withLock { state in
        defer { state.done = 0 }
        return (state.done, state.result != nil)
      }
      if done > 0 { return done }
      if isEnded { return nil }
      changed.wait()
    }
  }

  func result() throws -> Value {
    guard let result = state.withLock({ $0.result }) else { throw CancellationError() }
    return try result.get()
  }
}
