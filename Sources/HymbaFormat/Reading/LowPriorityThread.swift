import CLinux
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A thread that runs in the time that others leave over, until somebody waits for what it does.
final class LowPriorityThread: Sendable {
  private struct State {
    /// The kernel's number of the thread; nil before it runs.
    var id: id_t?
    var isAwaited = false
  }

  private let state = Mutex(State())

  /// The lowest priority.
  private static let low: Int32 = 19
  /// On Linux the priorities of threads are set as those of processes are.
  private static var kind: __priority_which_t { __priority_which_t(PRIO_PROCESS.rawValue) }

  /// Runs `body` on the thread.
  /// - Returns: False where there can be no thread; nothing is run then.
  func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = unsafe Unmanaged.passRetained(
      Box { [self] in
        state.withLock { $0.id = id_t(hymba_gettid()) }
        body()
      })
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let failure = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    unsafe pthread_attr_destroy(&attributes)
    if failure != 0 { unsafe box.release() }
    return failure == 0
  }

  /// Gives the thread, which calls this, the lowest priority, unless somebody waits for it.
  func lower() {
    state.withLock { state in
      guard !state.isAwaited else { return }
      setpriority(Self.kind, 0, Self.low)
    }
  }

  /// Says whether the caller waits for the thread. While it does, the thread has the caller's priority, where
  /// the kernel permits that: without privileges nothing is raised.
  func setAwaited(_ isAwaited: Bool) {
    state.withLock { state in
      state.isAwaited = isAwaited
      guard isAwaited, let id = state.id else { return }
      setpriority(Self.kind, id, getpriority(Self.kind, 0))
    }
  }
}
