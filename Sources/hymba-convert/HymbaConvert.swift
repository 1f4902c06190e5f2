import ArgumentParser
import HymbaTerminal

@main
struct HymbaConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hymba-convert",
    abstract:
      "Converts checkpoints of hybrid Mamba + attention models to .hymba containers and back.",
    version: Terminal.versionLine(of: "hymba-convert"),
    subcommands: [Checkpoints.self, Export.self, Layouts.self, Initialize.self],
    defaultSubcommand: Checkpoints.self)

  static func main() { ToolRun.main(Self.self) }
}
