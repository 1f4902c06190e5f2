public import ArgumentParser
import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

extension ToolRun {
  /// Runs a tool by its command line.
  public static func start(_ tool: (some ParsableCommand).Type) {
    if let problem = ProcessLimits.memoryProblem {
      Terminal.note("error: \(problem)")
      // Without the end of the libraries, which wait for memory too.
      _exit(FailureKind.inputOutput.rawValue)
    }
    ProcessLimits.allowOpenFiles()
    if let word = CommandLine.arguments.dropFirst().first, !commands(of: tool).contains(word),
      let problem = misspelling(word, of: tool)
    {
      Terminal.note("error: \(problem)")
      exit(FailureKind.usage.rawValue)
    }
    tool.main()
  }

  /// What to say of an argument that is no file, but a command of the tool or near to one: the default command would
  /// begin another work than was meant. Nil for any other.
  public static func misspelling(
    _ word: String, of tool: (some ParsableCommand).Type
  ) -> String? {
    guard !word.hasPrefix("-"), !FileSystem.exists(word),
      let command = word.nearest(among: commands(of: tool))
    else { return nil }
    return
      "there is no command or file “\(word.printable)”; did you mean \(name(tool)) \(command)?"
  }

  private static func commands(of tool: (some ParsableCommand).Type) -> [String] {
    tool.configuration.subcommands.map(name) + ["help"]
  }

  private static func name(_ command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }
}
