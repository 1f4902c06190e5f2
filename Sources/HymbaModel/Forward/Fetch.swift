import Dispatch
import HymbaFormat
import Synchronization

/// Reading in parts that any thread may take: one of low priority ahead of time, and all of them once
/// somebody waits.
final class Fetch: Sendable {
  typealias Part = @Sendable () throws -> Void

  private let parts = Mutex<[Part]>([])
  private let failure = Mutex<(any Error)?>(nil)
  private let pending = DispatchGroup()

  func add(_ new: [Part]) { parts.withLock { $0 += new.reversed() } }

  /// Takes parts until none is left.
  func work() {
    while let part = takePart() {
      let result = Result(catching: part)
      if case .failure(let error) = result { failure.withLock { $0 = $0 ?? error } }
      pending.leave()
    }
  }

  private func takePart() -> Part? {
    parts.withLock { parts in
      guard let part = parts.popLast() else { return nil }
      // Entered under the lock: who finds no part left waits for all that were taken.
      pending.enter()
      return part
    }
  }

  /// Works with all threads until every part is done.
  /// - Throws: what a part threw.
  func finish(jobs: Int) throws {
    _ = Parallel.map(count: jobs, jobs: jobs) { _ in work() }
    pending.wait()
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
