import ArgumentParser
import HymbaTerminal

@main
struct HymbaInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hymba-inspect",
    abstract: "Shows what is in a checkpoint of a hybrid Mamba + attention model.",
    version: Terminal.versionLine(of: "hymba-inspect"),
    subcommands: [
      Parameters.self, Config.self, Container.self, Compare.self, Diff.self, Audit.self,
    ],
    defaultSubcommand: Parameters.self)

  static func main() { ToolRun.main(Self.self) }
}
