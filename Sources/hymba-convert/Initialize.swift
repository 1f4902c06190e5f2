import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

struct Initialize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a checkpoint of seeded random weights, to try everything without weights.",
    discussion: """
      Examples:
        hymba-convert init --embed-dim 8 --hidden-size 64 --num-layers 2 -o x.hymba
        hymba-convert init --config config.json --dtype BF16 --seed 7 -o random.hymba
      """)

  enum WeightType: String, ExpressibleByArgument, CaseIterable {
    case F32, BF16

    init?(argument: String) {
      guard let type = CastType(argument: argument) else { return nil }
      self.init(rawValue: type.rawValue)
    }
  }

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The container to write.", valueName: "path"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Edifice's build options, a config.json of \(ConfigurationFamily.modelNames), or an Architecture in JSON, instead of the options below.",
      valueName: "file"))
  var config: String?

  @OptionGroup var size: BuildSize

  @Option(help: "Element type of the weights: F32 or BF16.")
  var dtype = WeightType.F32

  @Option(parsing: .unconditional, help: "Seed of the random numbers.", transform: Self.readSeed)
  var seed: UInt64 = 1

  @OptionGroup var writing: WritingOptions

  @OptionGroup var work: WorkOptions

  private static func readSeed(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("expected a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }

  func validate() throws {
    guard config != nil, let first = size.given.first else { return }
    let others = size.given.dropFirst().map { " and \($0)" }.joined()
    throw ValidationError("--config says what \(first)\(others) would; leave out the one or the other.")
  }

  func run() throws {
    let model: () throws -> (Architecture, ConfigurationDocument?, notes: [String])
    if let config {
      model = { try readConfiguration(config) }
    } else {
      let architecture = try size.architecture()
      model = { (architecture, nil, []) }
    }
    try ToolRun.perform {
      try OutputName.requireContainer(output)
      let (architecture, document, notes) = try model()
      Terminal.warn(notes, of: config ?? "", quiet: work.quiet)
      let weights = try RandomCheckpoint(
        architecture, seed: seed, type: dtype == .BF16 ? .bfloat16 : .float32)
      let description = CheckpointDescription(
        architecture: architecture.json, layout: LayoutReference(name: "hymba"),
        configuration: document, metadata: [:], files: [],
        assumptions: ["the weights are random, of seed \(seed)"] + notes, carried: [])
      // Compressed random weights still need more than half of their bytes.
      try naming(output) {
        try FileSystem.requireFreeBytes(weights.tensors.totalBytes / 2, forFileAt: output)
      }
      let manifest = try writing.write(
        weights, description, to: output, jobs: work.jobs, quiet: work.quiet)
      let container = try naming(output) { try ContainerSource(output) }
      let written = try OpenedModel.open(ModelInput(paths: [output]), OpeningOptions())
      let outcome = ConversionOutcome(
        written, from: weights, output: container, manifest: manifest, verified: writing.verify)
      if work.json { return try Terminal.show(json: outcome) }
      Terminal.show("\(output): \(weights.location)")
      if work.quiet { return }
      Terminal.show("  tensors      \(outcome.tensors)")
      Terminal.show("  parameters   \(outcome.parameters.groupedText)")
      Terminal.show("  size         \((outcome.outputBytes ?? 0).byteText)")
      Terminal.show("  fingerprint  \(outcome.fingerprint ?? "")")
    }
  }
}
