import ArgumentParser
package import HymbaFormat

/// How a tool runs and ends.
package enum ToolRun {
  /// Runs the work of a command: what it throws becomes one sentence on standard error and the exit code of
  /// its kind; an interrupt leaves no unfinished file.
  package static func perform(_ body: () throws -> Void) throws {
    try performEach([()]) { try body() }
  }

  /// Runs the work for each of several inputs, all of them even when some fail.
  /// - Throws: the exit code of the first failure; a result that could not be printed is one.
  package static func performEach<Input>(
    _ inputs: [Input], _ body: (Input) throws -> Void
  ) throws {
    try performAll { attempt in for input in inputs { attempt { try body(input) } } }
  }

  /// Runs work in parts, each given to the attempts: one that fails does not keep the others from running.
  /// - Throws: the exit code of the first failure; a result that could not be printed is one.
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

  /// Parts of a work, and the first that failed.
  package final class Attempts {
    fileprivate private(set) var firstFailure: ExitCode?

    /// Runs a part; what it throws is printed.
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
