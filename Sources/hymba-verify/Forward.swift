import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal
import HymbaVerification

struct Forward: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the whole model on the CPU and check what it computes.",
    discussion: """
      Without --expect the checks are those that need no reference: digests, inventory, numbers, shapes, \
      outputs, gates, causality, independence of a batch's members, step-by-step decoding. Exit code 0 when \
      all pass, 1 when one fails. Where something differs by more than 2e-5, two more passes that round at \
      random show what rounding alone does in this model.
      """)

  @Argument(help: "A checkpoint: a file or a folder.")
  var source: String

  @Option(
    help: ArgumentHelp(
      "Input of the model: a safetensors file with “input” [batch, positions, features] or “input_ids” [batch, positions]. By default that of --expect, else a fixed probe.",
      valueName: "file"))
  var input: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Token ids to run the model on, like 1,5,9, or @FILE with ids between commas or white space.",
      valueName: "ids"))
  var tokens: String?

  @Flag(
    help:
      "Score how well the input's own next tokens are predicted. Needs a model that reads tokens and gives logits, and sequences of two ids or more."
  )
  var perplexity = false

  @Option(
    help: ArgumentHelp(
      "What it should compute: a safetensors file with captures such as “hidden_states.1”, “layers.0.gate” and “output”, or a folder with an expected.safetensors.",
      valueName: "file"))
  var expect: String?

  @Option(
    help: ArgumentHelp("Write the input and all captures to a safetensors file.", valueName: "file")
  )
  var saveOutputs: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Largest error in all checks, relative to the largest expected value. By default 2e-5, or 4 times what rounding alone makes in this model.",
      valueName: "number"))
  var tolerance: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Largest mean squared error over the variance of the expected values. By default 1e-10, or 16 times what rounding alone makes.",
      valueName: "number"))
  var nmse: Double?

  @Flag(help: "Show what rounding alone makes in this model, whatever differs.")
  var noise = false

  @Flag(help: "Replace an existing file of --save-outputs.")
  var force = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    for (option, value) in [("--tolerance", tolerance), ("--nmse", nmse)] {
      guard let value, !(value >= 0 && value.isFinite) else { continue }
      throw ValidationError("\(option) is \(value); expected a finite number from 0 on.")
    }
    guard tokens == nil || input == nil else {
      throw ValidationError("--tokens and --input both give the input; pass one.")
    }
  }

  func run() throws {
    try ToolRun.perform {
      // What is wrong with the output is said before the pass, which may take minutes.
      let output = try saveOutputs.map { try CaptureOutput($0, replace: force) }
      guard let model = try open() else { throw ExitCode(FailureKind.wrong) }
      let expected = try expect.map { try Reference($0, .captures) }
      let given = try input.map { try Reference($0, .input) }
      try output?.requireApart(
        from: model, [expected?.location, given?.location, shared.config].compactMap(\.self))
      let (report, captures) = try verify(model, expected: expected, input: given)
      // First the report: it is worth something even where the captures cannot be written.
      try show(report)
      if let captures { try output?.write(captures) }
      if !report.passed { throw ExitCode(FailureKind.wrong) }
    }
  }

  /// Opens the checkpoint. One whose tensors do not fit the model gets a report that says so.
  private func open() throws -> OpenedModel? {
    do {
      return try OpenedModel.open(ModelInput(paths: [source]), shared.opening)
    } catch let error as FileDiagnosis where error.cause is ConversionError && error.kind == .wrong
    {
      var report = VerificationReport(source: source, layout: "unknown", assumptions: [])
      report.checks.append(Check("inventory", passed: false, ToolRun.sentence(error.cause)))
      try show(report)
      return nil
    }
  }

  private func verify(
    _ model: OpenedModel, expected: Reference?, input: Reference?
  ) throws -> (VerificationReport, TensorStore?) {
    var verification = ForwardVerification(jobs: shared.jobs)
    verification.input = input
    verification.expected = expected
    verification.tokens = try tokens.map(TokenList.parse)
    verification.tokensName = "--tokens"
    verification.scoresTokens = perplexity
    verification.tolerance = Tolerance(error: tolerance, nmse: nmse)
    verification.measuresNoise = noise
    verification.keepsCaptures = saveOutputs != nil
    var bar: (stage: String, bar: ProgressBar)?
    defer { bar?.bar.finish() }
    let (report, captures) = try verification.run(model) { stage, done, total in
      if bar?.stage != stage {
        bar?.bar.finish()
        bar = (
          stage,
          ProgressBar(
            stage, total: total, isBytes: Self.byteStages.contains(stage), quiet: shared.quiet)
        )
      }
      bar?.bar.set(done)
    }
    return (report, captures)
  }

  /// What is counted in bytes; the others are counted in layers.
  private static let byteStages: Set = ["digests", "numbers"]

  private func show(_ report: VerificationReport) throws {
    if shared.json { return try Terminal.show(json: report) }
    Terminal.show(lines: ForwardReportText(report).lines(width: Terminal.width))
  }
}
