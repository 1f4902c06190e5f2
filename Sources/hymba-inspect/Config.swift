import ArgumentParser
import HymbaConversion
import HymbaTerminal

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the architecture, the sizes that follow from it, and what was assumed.",
    usage: "hymba-inspect config <source> [--config <file>] [<options>]",
    discussion: """
      Examples:
        hymba-inspect config Hymba-1.5B-Base
        hymba-inspect config config.json --json
      """)

  @Argument(
    help: "A checkpoint (a file or a folder) or a configuration (config.json, its folder, an Architecture).")
  var source: String

  @OptionGroup var base: BaseOption
  @OptionGroup var shared: SharedOptions

  func run() throws {
    try ToolRun.perform {
      let report = try report()
      if shared.json { return try Terminal.show(json: report) }
      Terminal.show(lines: report.lines(width: Terminal.width))
    }
  }

  private func report() throws -> ConfigReport {
    // Options that apply to weights mean that the user wanted to name a checkpoint.
    if shared.config == nil, shared.layout == nil, let path = ConfigurationFile.path(of: source) {
      return try ConfigReport(source, ConfigurationFile(path))
    }
    return try ConfigReport(OpenedModel.open(ModelInput(paths: [source], base: base.path), shared.opening))
  }
}
