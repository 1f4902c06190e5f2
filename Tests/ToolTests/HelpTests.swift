import TestSupport
import Testing

@Suite("The help of every command")
struct HelpTests {
  static let commands = [
    ["hymba-convert", "checkpoints"], ["hymba-convert", "export"], ["hymba-convert", "layouts"],
    ["hymba-convert", "init"], ["hymba-inspect", "parameters"], ["hymba-inspect", "config"],
    ["hymba-inspect", "container"], ["hymba-inspect", "compare"], ["hymba-inspect", "diff"],
    ["hymba-inspect", "audit"], ["hymba-verify", "forward"], ["hymba-verify", "container"], ["hymba-verify", "card"],
    ["hymba-verify", "generate"],
  ]

  @Test("has examples, which are understood", arguments: commands)
  func examples(_ command: [String]) throws {
    let help = try ToolProcess(helpOf: command)
    let folder = try TemporaryFolder()
    #expect(help.status == 0)
    let examples = help.output.split(separator: "\n").map { $0.drop { $0 == " " } }
      .filter { $0.hasPrefix(command.joined(separator: " ")) }
    #expect(!examples.isEmpty)
    for example in examples {
      // The files of the examples are not there, which is told only when the command line is understood.
      let run = try ToolProcess(
        shell: "cd \"$1\" && PATH=$(dirname \"$0\"):$PATH && \(example)", command[0],
        arguments: [folder.path])
      #expect(run.status != 64, "\(example): \(run.errors)")
    }
  }

  @Test("fits a terminal of 80 columns, and -o is on the first screen", arguments: commands)
  func size(_ command: [String]) throws {
    let help = try ToolProcess(helpOf: command)
    let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
    let examples = Set(lines.filter { $0.hasPrefix("  hymba-") })
    #expect(lines.filter { $0.count > 80 && !examples.contains($0) } == [])
    if ["checkpoints", "export", "init"].contains(command[1]) {
      #expect(lines.prefix(24).contains { $0.contains("-o ") })
    }
  }
}

extension ToolProcess {
  /// The help of a command on a terminal of 80 columns.
  fileprivate init(helpOf command: [String]) throws {
    try self.init(
      shell: "COLUMNS=80 \"$0\" \"$1\" --help", command[0], arguments: [command[1]])
  }
}
