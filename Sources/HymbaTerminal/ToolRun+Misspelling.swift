package import ArgumentParser
import HymbaFormat

extension ToolRun {
  /// The message for an argument that is no file, but is or resembles a command of this tool or is one of
  /// another tool: the default command would do other work than the user meant. Nil for any other argument.
  package static func misspelling(
    _ word: String, of tool: any ParsableCommand.Type
  ) -> String? {
    guard !word.hasPrefix("-"), !FileSystem.exists(word) else { return nil }
    let commands = commands(of: tool)
    if commands.contains(word) {
      return
        "there is no file “\(word)”, and the command of that name comes before all else: \(name(tool)) \(word) …"
    }
    if let other = otherTools[word], !other.hasPrefix(name(tool)) {
      return "there is no command or file “\(word)” here; it is \(other)"
    }
    guard
      let command = word.nearest(among: commands) ?? synonyms[name(tool)]?[word]
        ?? commands.first(where: { isAbbreviation(word, of: $0) })
    else { return nil }
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
    "forward": "hymba-verify forward", "card": "hymba-verify card", "generate": "hymba-verify generate",
  ]

  /// The commands of each tool, by other words that people try for them.
  private static let synonyms = [
    "hymba-convert": [
      "pack": "checkpoints", "import": "checkpoints", "unpack": "export", "create": "init", "random": "init",
    ],
    "hymba-inspect": [
      "list": "parameters", "ls": "parameters", "show": "parameters", "tensors": "parameters",
      "weights": "parameters", "info": "parameters", "tree": "parameters", "stats": "parameters",
      "architecture": "config", "arch": "config", "check": "audit", "lint": "audit",
    ],
    "hymba-verify": [
      "check": "forward", "run": "forward", "test": "forward", "perplexity": "forward --perplexity", "chat": "generate",
      "complete": "generate",
    ],
  ]

  /// Whether a word of three letters or more leaves letters out of a name, as `params` does of `parameters`.
  private static func isAbbreviation(_ word: String, of name: String) -> Bool {
    guard word.count >= 3, word.first == name.first else { return false }
    var rest = name[...]
    return word.allSatisfy { letter in
      guard let place = rest.firstIndex(of: letter) else { return false }
      rest = rest[rest.index(after: place)...]
      return true
    }
  }

  static func commands(of tool: any ParsableCommand.Type) -> [String] {
    tool.configuration.subcommands.map(name) + ["help"]
  }

  static func name(_ command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }
}
