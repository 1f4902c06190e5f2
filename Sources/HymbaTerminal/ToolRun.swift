import ArgumentParser
import Dispatch
import HDF5
public import HymbaFormat
import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// How a tool runs and ends.
public enum ToolRun {
  /// Runs the work of a command: what it throws becomes one sentence on standard error and the exit code of
  /// its kind; an interrupt leaves no unfinished file.
  public static func perform(_ body: () throws -> Void) throws {
    Interrupt.install()
    do {
      try body()
    } catch let code as ExitCode {
      throw code
    } catch {
      throw ExitCode(report(error).rawValue)
    }
  }

  /// Runs the work for each of several inputs, all of them even when some fail.
  /// - Throws: the exit code of the first failure.
  public static func performEach<Input>(_ inputs: [Input], _ body: (Input) throws -> Void) throws {
    Interrupt.install()
    var first: ExitCode?
    for input in inputs {
      do {
        try body(input)
      } catch let code as ExitCode {
        first = first ?? code
      } catch {
        // Not inside of `??`, which would report the first error only.
        let code = ExitCode(report(error).rawValue)
        first = first ?? code
      }
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

/// Ends the process on Ctrl-C or a polite kill, without unfinished files.
private enum Interrupt {
  // Kept for the life of the process: a source that goes away stops listening.
  nonisolated(unsafe) private static var sources: [any DispatchSourceProtocol] = []

  static func install() {
    guard unsafe sources.isEmpty else { return }
    let queue = DispatchQueue(label: "interrupt")
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        UnfinishedFiles.ofThisProcess.removeAll {
          Terminal.write("\ninterrupted\n", to: STDERR_FILENO)
          _exit(FailureKind.interrupted.rawValue)
        }
      }
      source.resume()
      unsafe sources.append(source)
    }
    installCrash(queue)
  }

  /// A crash of the HDF5 library is one sentence about the file, like other damage.
  private static func installCrash(_ queue: DispatchQueue) {
    guard let crashed = HDF5Crash.watch() else { return }
    let source = DispatchSource.makeReadSource(fileDescriptor: crashed, queue: queue)
    source.setEventHandler {
      UnfinishedFiles.ofThisProcess.removeAll {
        let path = HDF5Crash.path.printable
        Terminal.write(
          "error: \(path): the HDF5 library failed on it; the file is damaged or made to harm\n",
          to: STDERR_FILENO)
        _exit(FailureKind.unreadable.rawValue)
      }
    }
    source.resume()
    unsafe sources.append(source)
  }
}
