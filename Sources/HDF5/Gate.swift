import CHDF5
import HDF5Driver
import Synchronization

/// The one way into the C library, which is not safe to call from two threads and keeps its errors on a
/// stack of its own: every call locks, runs, takes the error off the stack and clears it, on one thread.
enum Gate {
  /// Whether the library is set up.
  private static let isOpen = Mutex(false)

  /// The result of `body`, which calls the library once; negative means failure there.
  /// - Throws: ``HDF5Error/library(_:)`` with the innermost cause.
  @discardableResult
  static func call<Result: SignedInteger & Sendable>(
    _ body: () -> Result
  ) throws(HDF5Error) -> Result {
    let (result, cause) = isOpen.withLock { isOpen in
      if !isOpen {
        setUp()
        isOpen = true
      }
      // For each thread anew: the library would print its stack on standard error.
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

  /// Gives an identifier back; the corresponding C function is `H5Idec_ref`.
  static func release(_ id: hid_t) { _ = try? call { H5Idec_ref(id) } }

  private static func setUp() {
    // Files are only read, so nothing needs to be flushed at exit; and at exit another thread may be inside.
    H5dont_atexit()
    H5open()
    // A file must not make the library load code: filters that are not built in are refused by name.
    H5PLset_loading_state(0)
  }

  private static func innermostCause() -> String {
    var cause = ""
    unsafe withUnsafeMutablePointer(to: &cause) { pointer in
      // Upward begins with the function that failed; the library's text ends with a zero byte.
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
