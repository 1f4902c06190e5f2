public import ArgumentParser
import Dispatch
import HDF5
public import HymbaFormat
import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// How a tool runs and ends.
public enum ToolRun {
  /// Runs the command that the arguments name. What is wrong with them is printed like everything else, as it
  /// repeats them; so is the help.
  public static func main(_ root: any ParsableCommand.Type) -> Never {
    do {
      var command = try root.parseAsRoot()
      try command.run()
    } catch {
      let code = root.exitCode(for: error)
      let text = root.fullMessage(for: error)
      if !text.isEmpty { code.isSuccess ? Terminal.show(text: text) : Terminal.note(text: text) }
      exit(code.rawValue)
    }
    exit(0)
  }

  /// Runs the work of a command: what it throws becomes one sentence on standard error and the exit code of
  /// its kind; an interrupt leaves no unfinished file.
  public static func perform(_ body: () throws -> Void) throws {
    try performEach([()]) { try body() }
  }

  /// Runs the work for each of several inputs, all of them even when some fail.
  /// - Parameter conclude: Runs after all of them.
  /// - Throws: the exit code of the first failure; a result that could not be printed is one.
  public static func performEach<Input>(
    _ inputs: [Input], conclude: () throws -> Void = {}, _ body: (Input) throws -> Void
  ) throws {
    Interrupt.install()
    FreedMemory.keep()
    var first: ExitCode?
    func attempt(_ work: () throws -> Void) {
      do {
        try work()
      } catch let code as ExitCode {
        first = first ?? code
      } catch {
        // Not inside of `??`, which would report the first error only.
        let code = ExitCode(report(error).rawValue)
        first = first ?? code
      }
    }
    for input in inputs { attempt { try body(input) } }
    attempt(conclude)
    if Terminal.isOutputLost {
      Terminal.note("error: standard output cannot be written")
      first = first ?? ExitCode(FailureKind.inputOutput.rawValue)
    }
    if let first { throw first }
  }

  /// Prints an error and returns its kind.
  @discardableResult
  public static func report(_ error: any Error) -> FailureKind {
    let diagnosis = error as? any Diagnosis
    Terminal.note("error: \(diagnosis?.description ?? "\(error)")")
    return diagnosis?.kind ?? .inputOutput
  }
}

/// Ends the process on Ctrl-C or a polite kill, and when the HDF5 library crashes, without unfinished files.
private enum Interrupt {
  private static let queue = DispatchQueue(label: "interrupt")

  // Made once, by the first use, and kept for the life of the process: a source that goes away stops listening.
  nonisolated(unsafe) private static let sources: [any DispatchSourceProtocol] =
    [SIGINT, SIGTERM, SIGHUP].compactMap(signalSource) + [crashSource()].compactMap(\.self)

  static func install() { _ = unsafe sources }

  private static func signalSource(_ number: Int32) -> (any DispatchSourceProtocol)? {
    let inherited = signal(number, SIG_IGN)
    // What was ignored when the tool was started stays so: `nohup` says to go on when the terminal goes.
    guard !isIgnoring(inherited) else { return nil }
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler { end(.interrupted, saying: "\ninterrupted") }
    source.resume()
    return source
  }

  /// A crash of the HDF5 library is one sentence about the file, like other damage.
  private static func crashSource() -> (any DispatchSourceProtocol)? {
    guard let crashed = HDF5Crash.watch() else { return nil }
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

  private static func end(_ kind: FailureKind, saying message: String) {
    UnfinishedFiles.ofThisProcess.removeAll {
      Terminal.write(message + "\n", to: STDERR_FILENO)
      _exit(kind.rawValue)
    }
  }

  /// Whether a handler is `SIG_IGN`, the pointer of the value 1 that no function has.
  private static func isIgnoring(_ handler: sighandler_t?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == 1
  }
}
