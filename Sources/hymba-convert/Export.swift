import ArgumentParser
import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaTerminal

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a checkpoint under another layout's names: safetensors, .gguf, .nx or .hymba.",
    discussion: """
      The output's name says what is written. FILE.safetensors: one file. A folder, any name with --shard-size, \
      and any other name with a layout of Hugging Face's: model.safetensors or its shards, with the config.json \
      that the checkpoint came with and, from a folder, its tokenizer's files. FILE.nx: a checkpoint of Edifice. \
      FILE.gguf: a file that llama.cpp loads, of a model that it knows; --dtype is F32, F16, BF16 or Q8_0. \
      FILE.hymba: a container without compression under our own names, which every safetensors library reads.

      Examples:
        hymba-convert export hymba.hymba -o Hymba-1.5B-Base
        hymba-convert export model.hymba --layout edifice -o model.nx
        hymba-convert export hymba.hymba -o shards --shard-size 2GB --dtype BF16
        hymba-convert export jamba.hymba -o jamba.gguf --dtype Q8_0
      """)

  @Argument(help: "A container, or any other checkpoint.")
  var source: String

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The file or the folder to write.", valueName: "path"))
  var output: String

  @Option(
    name: .customLong("layout"),
    help: ArgumentHelp(
      "Layout to write: a name or a file. By default the one that the checkpoint came from.",
      valueName: "layout"),
    completion: LayoutCompletion.kind)
  var target: String?

  @Flag(help: "Leave out of the names what wrappers put around them, like module. and _orig_mod.")
  var plainNames = false

  @Option(
    help: ArgumentHelp(
      "Layout of the source: a name, a file, or verbatim. Found out when not given.",
      valueName: "layout"),
    completion: LayoutCompletion.kind)
  var sourceLayout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Bytes of tensors in one file of a folder, like 5GB, 500MB or 2GiB.",
      discussion: "GB and MB are powers of 1000, GiB and MiB of 1024.", valueName: "size"),
    transform: ByteSize.init(argument:))
  var shardSize: ByteSize?

  @Option(
    help: ArgumentHelp("Configuration of the checkpoint.", valueName: "file"))
  var config: String?

  @OptionGroup var base: BaseOption

  @Flag(help: "Replace what exists.")
  var force = false

  @Flag(
    inversion: .prefixedNo,
    help: "Read what was written again and compare every tensor with the source.")
  var verify = true

  @OptionGroup var casting: CastOptions
  @OptionGroup var work: WorkOptions

  func run() throws {
    try ToolRun.perform {
      try casting.requireFitting(isGGUF: OutputName.isGGUF(output))
      let model = try ToolWords(layoutOption: "--source-layout").speaking {
        try OpenedModel.open(
          ModelInput(paths: [source], base: base.path),
          OpeningOptions(configuration: config, layout: sourceLayout))
      }
      model.showWarnings(quiet: work.quiet)
      var options = ModelExport.Options(
        output: output, layout: target, plainNames: plainNames,
        shardBytes: shardSize?.bytes, cast: casting.cast, replace: force, jobs: work.jobs,
        verifies: verify, creator: "hymba-convert \(Terminal.version)",
        now: Date.now.formatted(.iso8601))
      options.storage = casting.dtype?.storage
      options.acceptsLoss = casting.allowLoss
      let export = try ModelExport(model, options)
      let bar = ProgressBar(
        "writing \(FileSystem.name(of: output))",
        total: export.byteCount * (verify ? 2 : 1),
        quiet: work.quiet)
      let outcome = try export.write { bar.advance(by: $0) }
      bar.finish()
      if !work.quiet { for note in outcome.notes { Terminal.note("note: \(output): \(note.sentence)") } }
      if work.json { return try Terminal.show(json: outcome) }
      Terminal.show(lines: work.quiet ? [outcome.lines[0]] : outcome.lines)
    }
  }
}

extension ExportOutcome {
  private var isFolder: Bool { OutputName.isFolder(output) }
  /// The output's path. A folder's path ends with a slash.
  private var place: String { isFolder && !output.hasSuffix("/") ? output + "/" : output }

  fileprivate var lines: [String] {
    var lines = [
      "\(source) -> \(place)", "  layout       \(layout)",
      "  tensors      \(tensors), \(bytes.byteText)",
    ]
    if let cast { lines.append(cast.line) }
    if isFolder {
      let shards = files.count > 1 ? "\(files.count - 1) shards and " : ""
      lines.append("  files        \(shards)\(files[0])")
    }
    if !companions.isEmpty {
      lines.append("  beside       \(companions.joined(separator: ", "))")
    }
    if verified { lines.append(ConversionOutcome.verifiedLine) }
    return lines
  }
}
