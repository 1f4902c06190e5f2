import Dispatch
import FoundationEssentials
import Synchronization

/// Work spread over the processor's cores.
public enum Parallel {
  /// The cores that this process may use.
  public static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// The results of `body(0)`, `body(1)`, …, computed at most `jobs` at a time.
  /// - Throws: the error of the lowest index that failed.
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

  /// The same, while `progress` is told on the caller's thread what `body` reports.
  /// - Parameter body: Is given a number, and a function that takes the work that was done since its last call.
  /// - Throws: the error of the lowest number that failed.
  static func map<Element: Sendable>(
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

/// Counts the work of other threads for the one that waits for its result.
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
  /// - Returns: The work that was done since the last call; nil behind the end.
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
