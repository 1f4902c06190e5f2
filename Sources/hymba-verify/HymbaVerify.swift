import ArgumentParser
import HymbaTerminal

@main
struct HymbaVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hymba-verify",
    abstract: "Checks that a checkpoint of a hybrid Mamba + attention model is right.",
    version: Terminal.versionLine(of: "hymba-verify"),
    subcommands: [Forward.self, Generate.self, Container.self, Card.self],
    defaultSubcommand: Forward.self)

  static func main() { ToolRun.main(Self.self) }
}
