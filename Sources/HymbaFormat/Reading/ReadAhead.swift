import Dispatch
import Synchronization

/// Makes values one after the other. Each is made while the one before it is used.
///
/// Making a value has a plan and parts. One thread of low priority makes the next value ahead of time. When the
/// caller waits for the value, all threads run the parts that are left. The plan and the parts should be small,
/// because a part that has begun is waited for.
package enum ReadAhead {
  package typealias Part = @Sendable () throws -> Void

  /// The parts that a plan leaves to be run later.
  package final class Parts: Sendable {
    private let parts = Mutex<[Part]>([])

    init() {}

    /// Adds parts. They are begun in order and may run on any threads at once. The value is complete when all
    /// have run.
    package func add(_ new: [Part]) { parts.withLock { $0 += new } }

    fileprivate func take() -> [Part] {
      parts.withLock { parts in
        defer { parts = [] }
        return parts
      }
    }
  }

  /// Makes values until `make` returns nil, and uses each.
  ///
  /// At most two values are in memory; with one job, one. When a plan, a part or `use` throws, no further part
  /// is begun. No part is running when this returns.
  ///
  /// - Parameters:
  ///   - make: Plans the value with the given number, from 0 on. It is called on one thread at a time, and in
  ///     order.
  ///   - use: Called with each value, on the caller's thread.
  /// - Throws: What `use` throws, what a plan throws, or the error of the first part that failed.
  package static func forEach<Value: Sendable>(
    jobs: Int, make: @escaping @Sendable (_ number: Int, Parts) throws -> Value?,
    _ use: (Value) throws -> Void
  ) throws {
    let work = AheadWork(jobs: jobs, make)
    defer { work.end() }
    work.begin()
    while let value = try work.finish() {
      work.begin()
      try use(value)
    }
  }
}

/// Makes one value after the other.
private final class AheadWork<Value: Sendable>: Sendable {
  private struct State {
    /// The number of the value that is being made.
    var number = -1
    /// Whether no thread has begun to plan the value yet.
    var isUnplanned = false
    var value: Result<Value?, any Error>?
    var parts: [ReadAhead.Part] = []
    /// The number of parts that were begun.
    var begun = 0
    /// The failed part with the lowest number, and its error.
    var failure: (part: Int, error: any Error)?
    var isEnded = false

    /// Releases the value and its parts.
    mutating func clear() { (value, parts, begun, failure) = (nil, [], 0, nil) }
  }

  private enum Step {
    case plan(Int)
    case part(Int, ReadAhead.Part)
  }

  private let jobs: Int
  private let make: @Sendable (Int, ReadAhead.Parts) throws -> Value?
  private let state = Mutex(State())
  private let thread: LowPriorityThread?
  /// Counts the values that the thread should make.
  private let wanted = DispatchSemaphore(value: 0)
  /// Counts the values that the thread has planned.
  private let planned = DispatchSemaphore(value: 0)
  /// The plan and the parts that are running.
  private let running = DispatchGroup()

  init(jobs: Int, _ make: @escaping @Sendable (Int, ReadAhead.Parts) throws -> Value?) {
    self.jobs = jobs
    self.make = make
    self.thread = jobs > 1 ? LowPriorityThread() : nil
    guard let thread else { return }
    _ = thread.start { [self] in
      while true {
        wanted.wait()
        guard !state.withLock({ $0.isEnded }) else { return }
        thread.lower()
        work()
      }
    }
  }

  /// Starts the making of the next value.
  func begin() {
    state.withLock { state in
      state.number += 1
      state.isUnplanned = true
    }
    thread?.setAwaited(false)
    wanted.signal()
  }

  /// Completes the value with all threads.
  /// - Returns: The value; nil after the last one.
  func finish() throws -> Value? {
    thread?.setAwaited(true)
    let number = state.withLock { state -> Int? in
      guard state.isUnplanned else { return nil }
      running.enter()
      state.isUnplanned = false
      return state.number
    }
    if let number { plan(number) } else { planned.wait() }
    let left = state.withLock { $0.parts.count - $0.begun }
    _ = Parallel.map(count: min(max(1, jobs), left), jobs: jobs) { _ in work() }
    // The low-priority thread may still run parts that it took.
    running.wait()
    return try state.withLock { state in
      defer { state.clear() }
      if let failure = state.failure { throw failure.error }
      return try state.value?.get()
    }
  }

  /// Stops beginning plans and parts, and waits for those that are running.
  func end() {
    state.withLock { state in
      state.isEnded = true
      state.isUnplanned = false
    }
    thread?.setAwaited(true)
    wanted.signal()
    running.wait()
    state.withLock { $0.clear() }
  }

  /// Runs the plan and the parts that are not begun yet, until none is left.
  private func work() {
    while let step = take() {
      switch step {
      case .plan(let number):
        plan(number)
        planned.signal()
      case .part(let index, let part):
        do { try part() } catch { fail(index, error) }
        running.leave()
      }
    }
  }

  private func take() -> Step? {
    state.withLock { state in
      guard !state.isEnded else { return nil }
      if state.isUnplanned {
        state.isUnplanned = false
        running.enter()
        return .plan(state.number)
      }
      // Parts are begun in order. So when one fails, all parts before it were begun too.
      guard state.failure == nil, state.begun < state.parts.count else { return nil }
      // The group is entered under the lock. So a thread that finds no part left waits for all that were begun.
      running.enter()
      state.begun += 1
      return .part(state.begun - 1, state.parts[state.begun - 1])
    }
  }

  private func plan(_ number: Int) {
    let parts = ReadAhead.Parts()
    let value = Result { try make(number, parts) }
    state.withLock { state in
      state.value = value
      if case .success = value { state.parts = parts.take() }
    }
    running.leave()
  }

  private func fail(_ index: Int, _ error: any Error) {
    state.withLock { state in
      if let failure = state.failure, failure.part < index { return }
      state.failure = (index, error)
    }
  }
}
