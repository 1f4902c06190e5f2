import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaReport
import HymbaTerminal

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show hybrids side by side: layers, parameters, caches, work.",
    usage: "hymba-inspect compare <sources> ... [<options>]",
    discussion: """
      A bare config.json is enough: no weights are read.

      Examples:
        hymba-inspect compare Hymba-1.5B-Base Zamba2-1.2B/config.json
      """)

  @Argument(
    help: "One or more checkpoints (files or folders) or configurations (config.json, an Architecture).")
  var sources: [String]

  @Option(
    help: ArgumentHelp(
      "Configuration for what a checkpoint alone leaves to be assumed, such as a number of heads.",
      valueName: "file"))
  var config: String?

  @OptionGroup var base: BaseOption

  @OptionGroup var reports: ReportOptions

  @Flag(help: "Print JSON for programs.")
  var json = false

  @Flag(name: [.short, .long], help: "Print no warnings.")
  var quiet = false

  func run() throws {
    var models: [ComparedModel] = []
    var outputs: [ReportOutput] = []
    var inputs: [ModelInput] = []
    try ToolRun.perform {
      outputs = try reports.outputs(apartFrom: sources)
      inputs = try ModelInput.relative(sources.map { ModelInput(paths: [$0]) }, to: base.path)
    }
    try ToolRun.performEach(inputs) { input in models.append(try model(input)) }
    try ToolRun.perform {
      if json {
        try Terminal.show(json: ["models": models])
      } else {
        Terminal.show(lines: ComparisonText(models).lines(width: Terminal.width ?? 80))
      }
      try outputs.write { ComparisonPage(models, maker: $0).page }
    }
  }

  private func model(_ input: ModelInput) throws -> ComparedModel {
    let source = input.paths[0]
    if let path = ConfigurationFile.path(of: source) {
      let file = try ConfigurationFile(path)
      Terminal.warn(file.notes, of: source, quiet: quiet)
      return try naming(source) {
        ComparedModel(
          source, name: Self.name(ofConfiguration: path), try .init(file.architecture))
      }
    }
    let model = try OpenedModel.open(input, settlingBy: config)
    model.showWarnings(quiet: quiet)
    let (architecture, _) = try model.requireArchitecture(for: "a comparison")
    return ComparedModel(source, name: input.name, try .init(architecture))
  }

  /// The name of a configuration's model. A file called `config.json` has the name of its folder.
  private static func name(ofConfiguration path: String) -> String {
    let name = FileSystem.name(of: path)
    guard name == "config.json" else { return String(name.dropLast(".json".count)) }
    let folder = FileSystem.name(of: FileSystem.folder(of: path))
    return folder.isEmpty || folder == "." || folder == ".." ? name : folder
  }
}
