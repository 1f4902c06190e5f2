import Dispatch
import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif
#if HDF5
  import HDF5
#endif

/// Ends the process on Ctrl-C or a polite kill, and when the HDF5 library crashes, without unfinished files.
enum Interrupt {
  private static let queue = DispatchQueue(label: "interrupt")

  // Made once, by the first use, and kept for the life of the process: a source that goes away stops listening.
  nonisolated(unsafe) private static let sources: [any DispatchSourceProtocol] =
    [SIGINT, SIGTERM, SIGHUP, SIGXCPU].compactMap(signalSource) + [crashSource()].compactMap(\.self)

  static func install() {
    _ = unsafe sources
    // A file that may not grow (`ulimit -f`) and a reader that went away are errors of the write.
    for number in [SIGXFSZ, SIGPIPE] { signal(number, SIG_IGN) }
  }

  private static func signalSource(_ number: Int32) -> (any DispatchSourceProtocol)? {
    let inherited = signal(number, SIG_IGN)
    // What was ignored when the tool was started stays so: `nohup` says to go on when the terminal goes.
    guard !isIgnoring(inherited) else { return nil }
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler { end(.interrupted, saying: "\ninterrupted") }
    source.resume()
    return source
  }

  #if HDF5
    /// A crash of the HDF5 library is one sentence about the file, like other damage.
    private static func crashSource() -> (any DispatchSourceProtocol)? {
      guard let crashed = HDF5Crash.watch(exitCode: FailureKind.unreadable.exitCode) else {
        return nil
      }
      let source = DispatchSource.makeReadSource(fileDescriptor: crashed, queue: queue)
      source.setEventHandler {
        end(
          .unreadable,
          saying:
            "error: \(HDF5Crash.path.printable): the HDF5 library failed on it; the file is damaged or made to harm"
        )
      }
      source.resume()
      return source
    }
  #else
    /// Without the HDF5 library it cannot crash.
    private static func crashSource() -> (any DispatchSourceProtocol)? { nil }
  #endif

  private static func end(_ kind: FailureKind, saying message: String) {
    UnfinishedFiles.ofThisProcess.removeAll {
      Terminal.write(message + "\n", to: STDERR_FILENO)
      _exit(kind.exitCode)
    }
  }

  /// Whether a handler is `SIG_IGN`, the pointer of the value 1 that no function has.
  private static func isIgnoring(_ handler: sighandler_t?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == 1
  }
}
