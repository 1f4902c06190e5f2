import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

struct Initialize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a checkpoint of seeded random weights, to try everything without weights.")

  enum MetaTokens: String, ExpressibleByArgument, CaseIterable {
    /// Keys and values of each layer's own.
    case perLayer = "per-layer"
    /// In front of the sequence, through all layers.
    case prepended
  }

  enum WeightType: String, ExpressibleByArgument, CaseIterable { case F32, BF16 }

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The container to write.", valueName: "path"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Edifice's build options, a config.json of Hymba, Jamba or Zamba, or an Architecture in JSON, instead of the options below.",
      valueName: "file"))
  var config: String?

  @Option(help: "Size of the input vectors.")
  var embedDim: Int?

  @Option(help: "Width of the residual stream.")
  var hiddenSize = HymbaBuildOptions.defaultHiddenSize

  @Option(help: "Size of the state of each channel.")
  var stateSize = HymbaBuildOptions.defaultStateSize

  @Option(help: "Number of layers.")
  var numLayers = HymbaBuildOptions.defaultLayerCount

  @Option(help: "Number of attention heads.")
  var numHeads = HymbaBuildOptions.defaultHeadCount

  @Option(help: "Number of meta tokens.")
  var numMetaTokens = HymbaBuildOptions.defaultMetaTokenCount

  @Option(
    help: "Where the meta tokens are: per-layer keys and values, or prepended to the sequence.")
  var metaTokens = MetaTokens.perLayer

  @Option(help: "Element type of the weights: F32 or BF16.")
  var dtype = WeightType.F32

  @Option(help: "Seed of the random numbers.")
  var seed: UInt64 = 1

  @OptionGroup var writing: WritingOptions

  @OptionGroup var work: WorkOptions

  func validate() throws {
    if config == nil && embedDim == nil {
      throw ValidationError("Give --embed-dim, or a configuration with --config.")
    }
  }

  func run() throws {
    try ToolRun.perform {
      let (architecture, document, notes) = try self.architecture()
      let weights = try RandomCheckpoint(
        architecture, seed: seed, type: dtype == .BF16 ? .bfloat16 : .float32)
      let description = CheckpointDescription(
        architecture: architecture.json, layout: LayoutReference(name: "hymba"),
        configuration: document, metadata: [:], files: [],
        assumptions: ["the weights are random, of seed \(seed)"] + notes, carried: [])
      let manifest = try writing.write(
        weights, description, to: output, jobs: work.jobs, quiet: work.quiet)
      let container = try naming(output) { try ContainerSource(output) }
      let model = try OpenedModel.open(ModelInput(paths: [output]), OpeningOptions())
      let outcome = ConversionOutcome(
        model, from: weights, output: container, manifest: manifest, verified: writing.verify)
      if work.json { return try Terminal.show(json: outcome) }
      Terminal.show("\(output): \(weights.location)")
      Terminal.show("  tensors      \(outcome.tensors)")
      Terminal.show("  parameters   \(outcome.parameters.groupedText)")
      Terminal.show("  size         \((outcome.outputBytes ?? 0).byteText)")
      Terminal.show("  fingerprint  \(outcome.fingerprint ?? "")")
    }
  }

  private func architecture() throws -> (Architecture, ConfigurationDocument?, notes: [String]) {
    if let config { return try readConfiguration(config) }
    let architecture = try Architecture.hymba(
      HymbaBuildOptions(
        embedDim: embedDim ?? 0, hiddenSize: hiddenSize, stateSize: stateSize,
        numLayers: numLayers, numHeads: numHeads, numMetaTokens: numMetaTokens,
        metaTokensArePrepended: metaTokens == .prepended))
    return (architecture, nil, [])
  }
}
