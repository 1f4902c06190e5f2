import Dispatch
import Glibc
import HymbaFormat
import HymbaKernels
import Synchronization

/// Threads that wait for short pieces of work.
///
/// A token of a model takes hundreds of products of less than a millisecond each. To wake a thread for each of them costs
/// about a tenth of that. So a thread that has nothing to do looks for work for a while before it sleeps.
///
/// The caller works as well, and never waits for a thread that has not begun. A thread that comes too late finds
/// the gate closed.
final class Workers: Sendable {
  static let shared = Workers()

  /// Whether a caller uses the threads.
  private let isTaken = Atomic(false)
  private let gate = Atomic<UInt64>(0)
  /// The index that is computed next.
  private let next = Atomic(0)
  /// The number of threads that sleep, or are about to.
  private let sleeping = Atomic(0)
  private let wake = DispatchSemaphore(value: 0)
  /// Signalled by the last thread that leaves, if the caller has stopped looking.
  private let left = DispatchSemaphore(value: 0)
  /// What the threads compute. The caller sets it while the gate is closed and nobody is inside.
  nonisolated(unsafe) private var task: Task?
  /// The number of threads. Only the caller that uses them changes it.
  nonisolated(unsafe) private var threadCount = 0

  private struct Task {
    let count: Int
    let body: @Sendable (Int) -> Void
  }

  /// The number of times that a thread looks before it sleeps: less than a millisecond.
  private static let looks = 20_000

  private init() {}

  /// Calls `body` with each of 0..<count, at most `jobs` at a time, and returns when all are done.
  ///
  /// While another caller uses the threads, others are used.
  func forEach(_ count: Int, jobs: Int, _ body: @Sendable (Int) -> Void) {
    guard count > 1, jobs > 1 else {
      for index in 0..<max(0, count) { body(index) }
      return
    }
    guard !isTaken.exchange(true, ordering: .acquiring) else {
      _ = Parallel.map(count: count, jobs: jobs, body)
      return
    }
    defer { isTaken.store(false, ordering: .releasing) }
    let helpers = min(jobs, count, Gate.mostInside) - 1
    while unsafe threadCount < helpers, startThread() { unsafe threadCount += 1 }
    withoutActuallyEscaping(body) { body in
      unsafe task = Task(count: count, body: body)
      next.store(0, ordering: .relaxed)
      open(to: min(helpers, unsafe threadCount))
      work()
      close()
      unsafe task = nil
    }
  }

  // MARK: The caller

  private func open(to most: Int) {
    let closed = Gate(gate.load(ordering: .relaxed))
    gate.store(closed.opened(to: most).word, ordering: .sequentiallyConsistent)
    // Threads that fall asleep only now miss this work, and no more than this.
    let woken = min(most, sleeping.load(ordering: .sequentiallyConsistent))
    guard woken > 0 else { return }
    sleeping.subtract(woken, ordering: .relaxed)
    for _ in 0..<woken { wake.signal() }
  }

  /// Lets nobody else in, and waits until everybody has left.
  private func close() {
    gate.bitwiseAnd(~Gate.isOpen, ordering: .acquiringAndReleasing)
    for _ in 0..<Self.looks {
      if Gate(gate.load(ordering: .acquiring)).inside == 0 { return }
      hymba_pause()
    }
    let before = Gate(gate.bitwiseOr(Gate.isAwaited, ordering: .acquiringAndReleasing).oldValue)
    if before.inside > 0 { left.wait() }
  }

  // MARK: The threads

  private func startThread() -> Bool {
    var thread = pthread_t()
    // Signals are for the program's own threads.
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let failure = unsafe pthread_create(
      &thread, nil,
      { _ in
        Workers.shared.serve()
        return nil
      }, nil)
    guard failure == 0 else { return false }
    pthread_detach(thread)
    return true
  }

  private func serve() {
    var seen: UInt64 = 0
    while true {
      for _ in 0..<Self.looks {
        if enter(&seen) {
          work()
          leave()
        } else {
          hymba_pause()
        }
      }
      sleeping.add(1, ordering: .sequentiallyConsistent)
      wake.wait()
    }
  }

  /// - Parameter seen: The number of the last opening that the thread knows.
  private func enter(_ seen: inout UInt64) -> Bool {
    var found = Gate(gate.load(ordering: .acquiring))
    while found.isOpen, found.number != seen, found.inside < found.most {
      let (isIn, now) = gate.compareExchange(
        expected: found.word, desired: found.word + 1, ordering: .acquiringAndReleasing)
      if isIn {
        seen = found.number
        return true
      }
      found = Gate(now)
    }
    return false
  }

  private func leave() {
    let before = Gate(gate.subtract(1, ordering: .acquiringAndReleasing).oldValue)
    if before.inside == 1, before.isAwaited { left.signal() }
  }

  // The function is not inlined, so that nothing of the task is held when it returns.
  @inline(never)
  private func work() {
    guard let task = unsafe task else { return }
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < task.count else { return }
      task.body(index)
    }
  }
}

/// The state of the gate in one word: how many threads are inside and may be, whether it is open, whether the caller
/// sleeps until it is empty, and the number of the opening.
private struct Gate {
  static let mostInside = 1 << 12
  static let isOpen: UInt64 = 1 << 30
  static let isAwaited: UInt64 = 1 << 31
  private static let firstNumber: UInt64 = 1 << 32

  let word: UInt64

  init(_ word: UInt64) { self.word = word }

  var inside: UInt64 { word & 0x1fff }
  var most: UInt64 { word >> 13 & 0x1fff }
  var isOpen: Bool { word & Self.isOpen != 0 }
  var isAwaited: Bool { word & Self.isAwaited != 0 }
  var number: UInt64 { word >> 32 }

  /// The gate that is empty and open for the next time.
  func opened(to most: Int) -> Gate {
    Gate((number << 32 &+ Self.firstNumber) | Self.isOpen | UInt64(most) << 13)
  }
}
