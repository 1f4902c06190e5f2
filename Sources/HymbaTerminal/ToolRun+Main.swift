package import ArgumentParser
import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

extension ToolRun {
  /// Runs the command that the arguments name, and exits. Help and errors about the arguments are printed by
  /// ``Terminal`` too, because they repeat the arguments.
  package static func main(_ root: any ParsableCommand.Type) -> Never {
    if let problem = ProcessLimits.memoryProblem {
      Terminal.note("error: \(problem)")
      // `_exit` skips the exit handlers of the libraries, which would wait for memory too.
      _exit(FailureKind.inputOutput.exitCode)
    }
    ProcessLimits.allowOpenFiles()
    if let script = CompletionScript(of: root, arguments: Array(CommandLine.arguments.dropFirst())) {
      Terminal.show(text: script.text)
      exit(0)
    }
    if let word = CommandLine.arguments.dropFirst().first, !commands(of: root).contains(word),
      let problem = misspelling(word, of: root)
    {
      Terminal.note("error: \(problem)")
      exit(FailureKind.usage.exitCode)
    }
    if let word = DashedWord.first(in: Array(CommandLine.arguments.dropFirst())) {
      let unknown = ValidationError("Unknown option '\(word)'")
      fail(saying: usageText(unknown, of: namedCommand(of: root), root), ExitCode(FailureKind.usage), root)
    }
    do {
      var command = try root.parseAsRoot()
      do {
        try command.run()
      } catch let error as ValidationError {
        fail(saying: usageText(error, of: type(of: command), root), ExitCode(FailureKind.usage), root)
      }
    } catch {
      let code = root.exitCode(for: error)
      let text = root.fullMessage(for: error)
      guard code.isSuccess else { fail(saying: text, code, root) }
      Terminal.show(text: text)
    }
    exit(0)
  }

  /// - Parameter text: A message of the argument parser, or of its form; empty for none.
  private static func fail(saying text: String, _ code: ExitCode, _ root: any ParsableCommand.Type) -> Never {
    if !text.isEmpty {
      let message = UsageMessage(text, for: root, Array(CommandLine.arguments.dropFirst()))
      for line in message.lines { Terminal.note(line) }
    }
    exit(code.rawValue)
  }

  /// The command that the first word names, or else the one that runs without a name.
  private static func namedCommand(of root: any ParsableCommand.Type) -> any ParsableCommand.Type {
    let word = CommandLine.arguments.dropFirst().first
    return root.configuration.subcommands.first { name($0) == word } ?? root.configuration.defaultSubcommand ?? root
  }

  /// The message for words that a command refuses when it runs. The parser would show the usage of the tool.
  private static func usageText(
    _ error: ValidationError, of command: any ParsableCommand.Type, _ root: any ParsableCommand.Type
  ) -> String {
    """
    Error: \(error.message)
    Usage: \(root.usageString(for: command))
      See '\(name(root)) \(name(command)) --help' for more information.
    """
  }
}
