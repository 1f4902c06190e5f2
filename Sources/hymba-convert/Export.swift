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
      let path = try target(layout)
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
      try writeConfiguration(of: model, layout, beside: path)
      let outcome = ExportOutcome(
        source: source, output: path, layout: layout, tensors: exported.tensors.count,
        bytes: exported.tensors.totalBytes)
      if work.json { return try Terminal.show(json: outcome) }
      Terminal.show(
        "\(source) -> \(path)\n  layout       \(layout)\n  tensors      \(outcome.tensors), \(outcome.bytes.byteText)"
      )
    }
  }

  /// The safetensors file: the output itself, or one in the folder that it names. A layout of Hugging Face
  /// folders makes the folder.
  private func target(_ layout: String) throws -> String {
    if !FileSystem.isDirectory(output) {
      guard !output.hasSuffix(".safetensors"), try isFolderLayout(layout) else { return output }
      try naming(output) { try FileSystem.createDirectory(output) }
    }
    return FileSystem.path(output, "model.safetensors")
  }

  private func isFolderLayout(_ layout: String) throws -> Bool {
    guard layout != LayoutReference.verbatim.name else { return false }
    return try LayoutCatalog.layout(layout).configuration.isHuggingFace
  }

  /// Without its config.json a Hugging Face folder does not load.
  private func writeConfiguration(
    of model: OpenedModel, _ layout: String, beside path: String
  ) throws {
    guard path != output, let configuration = try model.exportConfiguration(for: layout) else {
      return
    }
    let file = FileSystem.path(output, "config.json")
    let text = Array(configuration.text.utf8)
    try naming(file) {
      let config = try OutputFile(file, replace: force)
      try config.write(text, at: 0)
      try config.commit(byteCount: text.count)
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
