import CLinux
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A thread that runs at the lowest priority until another thread waits for its result.
final class LowPriorityThread: Sendable {
  private struct State {
    /// The kernel's identifier of the thread; nil before it runs.
    var id: id_t?
    var isAwaited = false
  }

  private let state = Mutex(State())

  /// The lowest priority.
  private static let low: Int32 = 19
  /// On Linux, the call for the priority of a process sets that of a single thread.
  private static var kind: __priority_which_t { __priority_which_t(PRIO_PROCESS.rawValue) }

  /// Runs `body` on the thread.
  /// - Returns: False if the thread cannot be created. Then `body` does not run.
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

  /// Gives the thread the lowest priority, unless another thread waits for it. The thread itself calls this.
  func lower() {
    state.withLock { state in
      guard !state.isAwaited else { return }
      setpriority(Self.kind, 0, Self.low)
    }
  }

  /// Records whether the caller waits for the thread. If it does, the thread gets the caller's priority, where
  /// the kernel permits that: without privileges, no priority is raised.
  func setAwaited(_ isAwaited: Bool) {
    state.withLock { state in
      state.isAwaited = isAwaited
      guard isAwaited, let id = state.id else { return }
      setpriority(Self.kind, id, getpriority(Self.kind, 0))
    }
  }
}
