import Dispatch
import HymbaFormat
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif
#if HDF5
  import HDF5
#endif

/// Ends the process without unfinished files: on Ctrl-C, on other signals that ask it to end, and when the HDF5
/// library crashes.
enum Interrupt {
  private static let queue = DispatchQueue(label: "interrupt")

  // The sources are made at the first use and kept for the life of the process: a source that is released stops
  // listening.
  nonisolated(unsafe) private static let sources: [any DispatchSourceProtocol] =
    [SIGINT, SIGTERM, SIGHUP, SIGXCPU].compactMap(signalSource) + [crashSource()].compactMap(\.self)

  /// What the next Ctrl-C does instead of ending the process; nil for nothing else.
  private static let listener = Mutex<(@Sendable () -> Void)?>(nil)

  /// Passes the next Ctrl-C to work that can end early by itself.
  static func listen(_ body: (@Sendable () -> Void)?) { listener.withLock { $0 = body } }

  /// Begins to listen for signals and crashes. Further calls change nothing.
  static func install() {
    _ = unsafe sources
    // A file that may not grow (`ulimit -f`) and a closed pipe become errors of the write.
    for number in [SIGXFSZ, SIGPIPE] { signal(number, SIG_IGN) }
  }

  private static func signalSource(_ number: Int32) -> (any DispatchSourceProtocol)? {
    let inherited = signal(number, SIG_IGN)
    // A signal that was ignored when the tool was started stays ignored: `nohup` asks the tool to go on when
    // the terminal closes.
    guard !isIgnoring(inherited) else { return nil }
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler {
      // A second Ctrl-C ends the tool, however long its work still takes.
      let listener = listener.withLock { listener in
        defer { listener = nil }
        return number == SIGINT ? listener : nil
      }
      if let listener { listener() } else { end(.interrupted, saying: "\ninterrupted") }
    }
    source.resume()
    return source
  }

  #if HDF5
    /// The source that reports a crash of the HDF5 library: as one sentence about the file, like other damage.
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
    /// Nil, as this build has no HDF5 library.
    private static func crashSource() -> (any DispatchSourceProtocol)? { nil }
  #endif

  private static func end(_ kind: FailureKind, saying message: String) {
    UnfinishedFiles.ofThisProcess.removeAll {
      Terminal.write(message + "\n", to: STDERR_FILENO)
      _exit(kind.exitCode)
    }
  }

  /// Whether a handler is `SIG_IGN`: the pointer of value 1, which no function has.
  private static func isIgnoring(_ handler: sighandler_t?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == 1
  }
}
