import CHDF5
import HDF5Driver
import Synchronization

/// The only way into the C library. The library is not safe to call from two threads, and keeps its errors on
/// a stack. So every call locks, runs, and takes its error off the stack before it unlocks.
enum Gate {
  /// Whether the library is set up. The mutex is held during every call.
  private static let isOpen = Mutex(false)

  /// The result of `body`, which calls the library once.
  /// - Throws: ``HDF5Error/library(_:)`` with the innermost cause when the result is negative, which is the
  ///   library's sign of a failure.
  @discardableResult
  static func call<Result: SignedInteger & Sendable>(
    _ body: () -> Result
  ) throws(HDF5Error) -> Result {
    let (result, cause) = isOpen.withLock { isOpen in
      if !isOpen {
        setUp()
        isOpen = true
      }
      // Without this setting the library prints its errors on standard error. Each thread may have its own.
      H5Eset_auto2(chdf5_error_stack(), nil, nil)
      hdf5_enter()
      defer { hdf5_leave() }
      let result = body()
      guard result < 0 else { return (result, "") }
      let cause = innermostCause()
      H5Eclear2(chdf5_error_stack())
      return (result, cause)
    }
    guard result >= 0 else { throw .library(cause) }
    return result
  }

  /// Releases an identifier. The corresponding C function is `H5Idec_ref`.
  static func release(_ id: hid_t) { _ = try? call { H5Idec_ref(id) } }

  private static func setUp() {
    // The library must do nothing at exit: another thread may be in it then, and files that are only read need
    // no flush.
    H5dont_atexit()
    H5open()
    // A file must not make the library load code. Filters that are not built in are refused by name.
    H5PLset_loading_state(0)
  }

  private static func innermostCause() -> String {
    var cause = ""
    unsafe withUnsafeMutablePointer(to: &cause) { pointer in
      // The walk upward begins with the innermost function. The library's text ends with a zero byte.
      _ = unsafe H5Ewalk2(
        chdf5_error_stack(), H5E_WALK_UPWARD,
        { _, entry, context in
          guard let text = unsafe entry?.pointee.desc,
            let cause = unsafe context?.assumingMemoryBound(to: String.self)
          else { return 0 }
          unsafe cause.pointee = String(cString: text)
          return 1
        }, pointer)
    }
    return cause.isEmpty ? "the HDF5 library gives no reason" : cause
  }
}
