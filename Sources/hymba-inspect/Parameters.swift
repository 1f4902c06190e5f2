import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaReport
import HymbaTerminal

struct Parameters: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List parameters with types, shapes and sizes.",
    discussion: """
      What is no model of a known family is listed under its own names. Shards of one checkpoint are listed together.

      Examples:
        hymba-inspect parameters hymba.hymba --filter '*.mamba.*' --sort size
        hymba-inspect parameters Hymba-1.5B-Base --tree --depth 3
        hymba-inspect parameters hymba.hymba --stats
        hymba-inspect parameters hymba.hymba --histogram layers.0.mamba.A_log
      """)

  @Argument(help: "Checkpoints: files, folders, shards, or patterns such as 'model-*.safetensors'.")
  var sources: [String]

  @OptionGroup var treeOptions: TreeOptions

  @Flag(help: "Show the metadata of the file too, and what a container keeps beside the tensors.")
  var metadata = false

  @Option(
    help: ArgumentHelp(
      "Show only names that match, like '*.mamba.*'; none is an error.", valueName: "glob"))
  var filter: String?

  @Option(help: "Order of the list: model, name or size.")
  var sort = ParameterListing.Order.model

  @Flag(
    help:
      "Compute the fingerprint from the tensors: reads all bytes, and compares a container's with its digests.")
  var fingerprint = false

  @OptionGroup var values: ValueOptions
  @OptionGroup var reports: ReportOptions
  @OptionGroup var base: BaseOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard !treeOptions.tree || !values.areAsked else {
      throw ValidationError("--tree shows no \(values.first); leave one of them out.")
    }
    guard !treeOptions.tree || !shared.json else {
      throw ValidationError("--tree is a picture for people, and --json lists what it is made of; leave one of them out.")
    }
    guard values.histogram == nil || filter == nil && !fingerprint else {
      throw ValidationError(
        "--histogram is of one parameter, and \(filter == nil ? "--fingerprint" : "--filter") of many; leave one of them out.")
    }
    guard reports.report.isEmpty || values.histogram == nil else {
      throw ValidationError("--report shows all parameters, --histogram one; leave one of them out.")
    }
  }

  func run() throws {
    try ToolRun.performAll { attempt in
      var outputs: [ReportOutput]?
      attempt { outputs = try reports.outputs(apartFrom: sources) }
      guard let outputs else { return }
      var (paths, isAlone) = ([String](), true)
      for source in sources {
        var found: [String]?
        attempt { found = try SourcePaths.of(source) }
        paths += found ?? []
        isAlone = isAlone && found != nil
      }
      var inputs: [ModelInput] = []
      attempt { inputs = try ModelInput.relative(ModelInput.gathered(paths), to: base.path) }
      isAlone = isAlone && inputs.count == 1
      var listings: [ParameterListing] = []
      // A report has its own file, and needs every listing.
      for input in inputs where !Terminal.isOutputOver || !reports.report.isEmpty {
        attempt {
          let (listing, lines) = try list(input)
          if !shared.json {
            let title = Terminal.styled(listing.source.printable, .bold)
            let space = listings.isEmpty ? [] : [""]
            Terminal.show(lines: isAlone ? lines : space + [title] + lines)
          }
          listings.append(listing)
        }
      }
      guard !listings.isEmpty else { return }
      attempt { try outputs.write { ParameterPage(listings, maker: $0).page } }
      guard shared.json else { return }
      attempt {
        if isAlone {
          try Terminal.show(json: listings[0])
        } else {
          try Terminal.show(json: ["sources": listings])
        }
      }
    }
  }

  /// The listing of one checkpoint, and its lines for people.
  private func list(_ input: ModelInput) throws -> (ParameterListing, lines: [String]) {
    let checkpoint = try ListedCheckpoint.open(input, shared.opening)
    checkpoint.model.showWarnings(quiet: shared.quiet)
    if !shared.quiet {
      let path = checkpoint.model.location.printable
      for note in checkpoint.notes { Terminal.note("note: \(path): \(note.printable)") }
    }
    var (listing, lines) = try list(checkpoint)
    if metadata {
      let texts = checkpoint.model.parameters.metadata
      listing.metadata = Dictionary(texts.map { ($0.key, $0.value) }) { first, _ in first }
      lines += [""] + MetadataText.lines(listing.metadata ?? [:], width: Terminal.width)
      let attached = checkpoint.model.attached?.tensors.map {
        ParameterListing.Attachment(name: $0.name, bytes: $0.byteCount)
      }
      listing.attachments = attached ?? []
      if let attached, !attached.isEmpty {
        var table = Table([("inside", .left), ("bytes", .right)])
        for attachment in attached {
          table.add([attachment.name.printable, attachment.bytes.byteText])
        }
        lines += [""] + table.lines(width: Terminal.width)
      }
      let unknown = checkpoint.model.attached?.unnamedEntries ?? []
      listing.unknownEntries = unknown
      lines += unknown.map(UnknownEntry.line)
    }
    return (listing, lines)
  }

  private func list(_ checkpoint: ListedCheckpoint) throws -> (ParameterListing, lines: [String]) {
    if let name = values.histogram { return try histogram(of: name, checkpoint) }
    var listing = ParameterListing(
      checkpoint, notes: checkpoint.notes, filter: filter, order: sort, fingerprint: nil)
    try requireFit(listing, checkpoint.model)
    listing = ParameterListing(
      checkpoint, notes: checkpoint.notes, filter: filter, order: sort,
      fingerprint: try fingerprint(of: checkpoint.model),
      found: try values.results(
        of: listing.parameters.map(\.name), in: checkpoint, jobs: shared.jobs, quiet: shared.quiet),
      hasStatistics: values.stats)
    let width = Terminal.width
    let lines =
      values.areAsked
      ? StatisticsText(listing).lines(width: width, stats: values.stats, digests: values.digests)
      : treeOptions.tree
        ? ParameterTree(listing, treeOptions).lines : listing.lines(width: width)
    return (listing, lines)
  }

  /// Fails where the filter matches nothing, as `grep` does, and prints nothing.
  private func requireFit(_ listing: ParameterListing, _ model: OpenedModel) throws {
    guard let filter, listing.parameters.isEmpty, let example = model.parameters.tensors.first
    else { return }
    let wider = NameGlob(filter.contains("*") ? filter : "*\(filter)*")
    throw FileDiagnosis(
      model.location,
      NothingFits(
        filter: filter, example: example.name,
        wider: model.parameters.tensors.count { wider.matches($0.name) }))
  }

  /// The listing of one parameter, or of the parameters that a tensor of the checkpoint becomes.
  private func histogram(
    of name: String, _ checkpoint: ListedCheckpoint
  ) throws -> (ParameterListing, lines: [String]) {
    let model = checkpoint.model
    let names = try naming(model.location) { try HistogramChoice(name, in: model).names }
    let found = try values.results(
      of: names, in: checkpoint, jobs: shared.jobs, quiet: shared.quiet)
    var listing = ParameterListing(
      checkpoint, notes: checkpoint.notes, filter: nil, order: .model, fingerprint: nil, found: found,
      hasStatistics: true)
    listing.keep(names)
    let lines = names.compactMap { name in found[name].map { (name, $0) } }.flatMap {
      HistogramText.lines($0, $1, width: Terminal.width ?? 80)
    }
    return (listing, lines)
  }

  private func fingerprint(of model: OpenedModel) throws -> ParameterListing.Fingerprint? {
    guard fingerprint else {
      return model.container.map { .init(digest: $0.fingerprint, basis: .manifest) }
    }
    let tensors = model.parameters.tensors
    let bar = ProgressBar("reading", total: tensors.totalBytes, quiet: shared.quiet)
    defer { bar.finish() }
    return try naming(model.location) {
      .init(
        digest: try Fingerprint.compute(of: model.parameters, jobs: shared.jobs) {
          bar.advance(by: $0)
        }, basis: .tensors)
    }
  }
}

extension ParameterListing.Order: ExpressibleByArgument {}
