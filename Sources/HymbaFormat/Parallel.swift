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
}
