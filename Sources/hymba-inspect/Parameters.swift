import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaTerminal

struct Parameters: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List parameters with types, shapes and sizes.")

  enum Order: String, ExpressibleByArgument, CaseIterable { case model, name, size }

  @Argument(help: "A checkpoint: a file or a folder.")
  var source: String

  @Flag(help: "Show the names as a tree with totals.")
  var tree = false

  @Option(
    help: ArgumentHelp(
      "Show only names that match, like '*.mamba.*'; none is an error.", valueName: "glob"))
  var filter: String?

  @Option(help: "Order of the list: model, name or size.")
  var sort = Order.model

  @Flag(
    help:
      "Compute the fingerprint from the tensors: reads all bytes, and compares a container's with its digests.")
  var fingerprint = false

  @OptionGroup var values: ValueOptions
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard !tree || !values.areAsked else {
      throw ValidationError("--tree shows no \(values.first); leave one of them out.")
    }
  }

  func run() throws {
    try ToolRun.perform {
      let model = try OpenedModel.open(ModelInput(paths: [source]), shared.opening)
      model.showWarnings(quiet: shared.quiet)
      if let name = values.histogram { return try showHistogram(of: name, model) }
      var listing = ParameterListing(model, filter: filter, order: sort, fingerprint: nil)
      try requireFit(listing, model)
      listing = ParameterListing(
        model, filter: filter, order: sort, fingerprint: try fingerprint(of: model),
        found: try values.results(
          of: listing.parameters.map(\.name), in: model, jobs: shared.jobs, quiet: shared.quiet),
        hasStatistics: values.stats)
      if shared.json { return try Terminal.show(json: listing) }
      let width = Terminal.width
      let lines =
        values.areAsked
        ? StatisticsText(listing).lines(width: width, stats: values.stats, digests: values.digests)
        : tree ? ParameterTree(listing).lines : listing.lines(width: width)
      Terminal.show(lines: lines)
    }
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

  /// Shows one parameter, or the parameters that a tensor of the checkpoint becomes.
  private func showHistogram(of name: String, _ model: OpenedModel) throws {
    let names = try naming(source) { try HistogramChoice(name, in: model).names }
    let found = try values.results(of: names, in: model, jobs: shared.jobs, quiet: shared.quiet)
    if shared.json {
      var listing = ParameterListing(
        model, filter: nil, order: .model, fingerprint: nil, found: found, hasStatistics: true)
      listing.keep(names)
      return try Terminal.show(json: listing)
    }
    Terminal.show(
      lines: names.compactMap { name in found[name].map { (name, $0) } }.flatMap { name, result in
        HistogramText.lines(name, result, width: Terminal.width ?? 80)
      })
  }

  private func fingerprint(of model: OpenedModel) throws -> ParameterListing.Fingerprint? {
    guard fingerprint else {
      return model.container.map { .init(digest: $0.fingerprint, basis: .manifest) }
    }
    let tensors = model.parameters.tensors
    let bar = ProgressBar("reading", total: tensors.totalBytes, quiet: shared.quiet)
    defer { bar.finish() }
    return try naming(source) {
      .init(
        digest: try Fingerprint.compute(of: model.parameters, jobs: shared.jobs) {
          bar.advance(by: $0)
        }, basis: .tensors)
    }
  }
}
