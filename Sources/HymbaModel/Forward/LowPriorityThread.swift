#if canImport(Glibc)
  import Glibc
#endif

/// A thread that runs in the time that others leave over.
enum LowPriorityThread {
  /// Runs `body` on a thread of its own; at once, on the caller's, where there can be none.
  static func start(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = unsafe Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let failure = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        // On Linux this is the calling thread's priority, not the process's. The thread ends with its
        // body, so nothing has to raise it again.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    unsafe pthread_attr_destroy(&attributes)
    if failure != 0 { unsafe box.takeRetainedValue().body() }
  }
}
