import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaTerminal

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what is wrong with a checkpoint, by headers and file sizes alone.",
    usage: "hymba-inspect audit <source> [<options>]",
    discussion: """
      No weights are read. Each finding is an error, a warning or a note; an error is exit code 1. docs/audit.md explains each kind of finding.

      Examples:
        hymba-inspect audit Hymba-1.5B-Base
        hymba-inspect audit model-00001-of-00004.safetensors --config config.json
      """)

  @Argument(help: "A checkpoint: a folder, an index, a file or a single shard.")
  var source: String

  @Option(
    help: ArgumentHelp(
      "Configuration of the checkpoint; by default the one beside it.", valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Layout of the checkpoint: a name, a file, or verbatim.", valueName: "layout"),
    completion: LayoutCompletion.kind)
  var layout: String?

  @OptionGroup var base: BaseOption

  @Flag(help: "Print JSON for programs.")
  var json = false

  @Flag(name: [.short, .long], help: "Print the numbers of errors, warnings and notes alone.")
  var quiet = false

  func run() throws {
    try ToolRun.perform {
      let audit = try CheckpointAudit(
        source, OpeningOptions(configuration: config, layout: layout), base: base.path)
      if json {
        try Terminal.show(json: audit)
      } else {
        Terminal.show(lines: AuditText(audit).lines(width: Terminal.width, quiet: quiet))
      }
      if audit.hasErrors { throw ExitCode(FailureKind.wrong) }
    }
  }
}
