import ArgumentParser
import HymbaConversion
import HymbaFormat
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

  @OptionGroup var shared: SharedOptions

  func run() throws {
    try ToolRun.perform {
      let model = try OpenedModel.open(ModelInput(paths: [source]), shared.opening)
      model.showWarnings(quiet: shared.quiet)
      let listing = ParameterListing(
        model, filter: filter, order: sort, fingerprint: try fingerprint(of: model))
      try requireFit(listing, model)
      if shared.json { return try Terminal.show(json: listing) }
      let lines = tree ? ParameterTree(listing).lines : listing.lines(width: Terminal.width)
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
