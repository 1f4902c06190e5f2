import ArgumentParser
package import HymbaFormat

/// The running and ending of a tool.
package enum ToolRun {
  /// Runs the work of a command. An error becomes one sentence on standard error and the exit code of its kind.
  /// An interrupt leaves no unfinished file.
  ///
  /// - Throws: The exit code of a failure. A result that could not be printed is a failure.
  package static func perform(_ body: () throws -> Void) throws {
    try performEach([()]) { try body() }
  }

  /// Runs the work for each of several inputs. A failure of one does not stop the others.
  ///
  /// - Throws: The exit code of the first failure. A result that could not be printed is a failure.
  package static func performEach<Input>(
    _ inputs: [Input], _ body: (Input) throws -> Void
  ) throws {
    try performAll { attempt in for input in inputs { attempt { try body(input) } } }
  }

  /// Runs work in parts, each of which is passed to the attempts. A failure of one does not stop the others.
  ///
  /// - Throws: The exit code of the first failure. A result that could not be printed is a failure.
  package static func performAll(_ body: (_ attempt: Attempts) -> Void) throws {
    Interrupt.install()
    FreedMemory.keep()
    let attempts = Attempts()
    body(attempts)
    if Terminal.isOutputLost {
      Terminal.note("error: standard output cannot be written")
      attempts.fail(ExitCode(FailureKind.inputOutput))
    }
    if let first = attempts.firstFailure { throw first }
  }

  /// Runs parts of the work, and keeps the first failure.
  package final class Attempts {
    fileprivate private(set) var firstFailure: ExitCode?

    /// Runs a part. An error is printed, and its exit code is kept.
    package func callAsFunction(_ work: () throws -> Void) {
      do {
        try work()
      } catch let code as ExitCode {
        fail(code)
      } catch {
        fail(ExitCode(report(error)))
      }
    }

    fileprivate func fail(_ code: ExitCode) { firstFailure = firstFailure ?? code }
  }

  /// Prints an error and returns its kind.
  @discardableResult
  package static func report(_ error: any Error) -> FailureKind {
    Terminal.note("error: \(sentence(error))")
    return (error as? any Diagnosis)?.kind ?? .inputOutput
  }
}
