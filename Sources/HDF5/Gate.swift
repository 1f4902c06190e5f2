import CHDF5
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
      enter()
      defer { leave() }
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

  // Each of these is in this file and not inlined elsewhere: the C functions share variables, of which every object
  // file has its own.
  @inline(never)
  static func setReader(_ access: hid_t) -> herr_t { chdf5_set_reader(access) }
  @inline(never)
  private static func enter() { chdf5_enter() }
  @inline(never)
  private static func leave() { chdf5_leave() }
  @inline(never)
  fileprivate static func watchCrashes() -> Int32 { chdf5_watch_crashes() }
  @inline(never)
  fileprivate static func lastPath() -> String { unsafe String(cString: chdf5_reading()) }

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

/// Crashes of the C library, which knows more ways to crash on a damaged file than can be checked before.
public enum HDF5Crash {
  /// From now on, a thread that crashes in the library waits three seconds for the process to be ended, and then ends
  /// it with exit code 65. To be called once.
  ///
  /// - Returns: A descriptor that can be read from after a crash; nil when the system has none left.
  public static func watch() -> Int32? {
    let descriptor = Gate.watchCrashes()
    return descriptor < 0 ? nil : descriptor
  }

  /// The path of the file that the library read from last. For after a crash: waits for no other thread.
  public static var path: String { Gate.lastPath() }
}
