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
    do {
      var command = try root.parseAsRoot()
      try command.run()
    } catch {
      let code = root.exitCode(for: error)
      let text = root.fullMessage(for: error)
      if code.isSuccess {
        Terminal.show(text: text)
      } else if !text.isEmpty {
        for line in UsageMessage(text).lines { Terminal.note(line) }
      }
      exit(code.rawValue)
    }
    exit(0)
  }

  /// The message for an argument that is no file, but is or resembles a command of this tool or is one of
  /// another tool: the default command would do other work than the user meant. Nil for any other argument.
  package static func misspelling(
    _ word: String, of tool: any ParsableCommand.Type
  ) -> String? {
    guard !word.hasPrefix("-"), !FileSystem.exists(word) else { return nil }
    if commands(of: tool).contains(word) {
      return
        "there is no file “\(word)”, and the command of that name comes before all else: \(name(tool)) \(word) …"
    }
    if let other = otherTools[word], !other.hasPrefix(name(tool)) {
      return "there is no command or file “\(word)” here; it is \(other)"
    }
    guard let command = word.nearest(among: commands(of: tool)) else { return nil }
    return
      "there is no command or file “\(word.printable)”; did you mean \(name(tool)) \(command)?"
  }

  /// The tools and commands, by the words that people try.
  private static let otherTools = [
    "convert": "hymba-convert", "checkpoints": "hymba-convert checkpoints",
    "export": "hymba-convert export", "layouts": "hymba-convert layouts",
    "init": "hymba-convert init", "inspect": "hymba-inspect",
    "parameters": "hymba-inspect parameters", "config": "hymba-inspect config",
    "compare": "hymba-inspect compare", "diff": "hymba-inspect diff",
    "audit": "hymba-inspect audit", "verify": "hymba-verify",
    "forward": "hymba-verify forward", "card": "hymba-verify card",
  ]

  private static func commands(of tool: any ParsableCommand.Type) -> [String] {
    tool.configuration.subcommands.map(name) + ["help"]
  }

  private static func name(_ command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }
}
