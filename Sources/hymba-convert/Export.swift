import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a checkpoint under another layout's names, as safetensors.")

  @Argument(help: "A container, or any other checkpoint.")
  var source: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The safetensors file to write, or a folder for it.", valueName: "path"))
  var output: String

  @Option(
    name: .customLong("layout"),
    help: ArgumentHelp(
      "Layout to write: a name or a file. By default the one that the checkpoint came from.",
      valueName: "layout"))
  var target: String?

  @Option(
    help: ArgumentHelp("Configuration of the checkpoint.", valueName: "file"))
  var config: String?

  @Flag(help: "Replace what exists.")
  var force = false

  @OptionGroup var work: WorkOptions

  func run() throws {
    try ToolRun.perform {
      let model = try OpenedModel.open(
        ModelInput(paths: [source]), OpeningOptions(configuration: config))
      model.showWarnings(quiet: work.quiet)
      let layout = target ?? model.layout.name
      let exported = try model.exported(to: layout)
      let path =
        FileSystem.isDirectory(output) ? FileSystem.path(output, "model.safetensors") : output
      let bar = ProgressBar(
        "writing \(FileSystem.name(of: path))", total: exported.tensors.totalBytes,
        quiet: work.quiet)
      defer { bar.finish() }
      try naming(path) {
        try SafetensorsWriter.write(
          exported, to: path, replace: force, metadata: model.exportMetadata(for: layout),
          jobs: work.jobs
        ) { bar.advance(by: $0) }
      }
      let outcome = ExportOutcome(
        source: source, output: path, layout: layout, tensors: exported.tensors.count,
        bytes: exported.tensors.totalBytes)
      if work.json { return try Terminal.show(json: outcome) }
      Terminal.show(
        "\(source) -> \(path)\n  layout       \(layout)\n  tensors      \(outcome.tensors), \(outcome.bytes.byteText)"
      )
    }
  }
}

/// What an export wrote.
private struct ExportOutcome: Encodable {
  let source: String
  let output: String
  let layout: String
  let tensors: Int
  let bytes: Int
}
