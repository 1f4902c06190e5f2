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
      Without --expect the checks are those that need no reference: digests, inventory, numbers, \
      conventions, shapes, outputs, gates, causality, independence of a batch's members, step-by-step \
      decoding. Exit code 0 when all pass, 1 when one fails. The checkpoint is read once for all of them. \
      Where something differs by more than 2e-5, two more passes that round at random show what rounding \
      alone does in this model.

      Examples:
        hymba-verify forward hymba.hymba
        hymba-verify forward hymba.hymba --expect recorded.safetensors
        hymba-verify forward hymba.hymba --tokens 1,5,9 --save-outputs x.safetensors
        hymba-verify forward hymba.hymba --expect gpu.safetensors --like bf16
      """)

  @Argument(help: "A checkpoint: a file or a folder.")
  var source: String

  @Option(
    help: ArgumentHelp(
      "Input of the model: a safetensors file with “input” [batch, positions, features] or “input_ids” [batch, positions]. By default that of --expect, else a fixed probe.",
      valueName: "file"))
  var input: String?

  @OptionGroup var prompt: PromptOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show so many of the most probable tokens that follow the first sequence, or the end of a text in several windows. Needs a model that reads tokens and gives logits.",
      valueName: "count"))
  var top: Int?

  @Flag(
    help:
      "Score how well the input's own next tokens are predicted. Needs a model that reads tokens and gives logits, and sequences of two ids or more."
  )
  var perplexity = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --perplexity: the tokens of --text or --tokens go through the model in windows of so many, each of which begins anew. By default \(Self.usualWindow).",
      valueName: "tokens"))
  var window: Int?
  static let usualWindow = 1024

  @Option(
    help: ArgumentHelp(
      "What it should compute: a safetensors file with captures such as “hidden_states.1”, “layers.0.gate” and “output”, or a folder with an expected.safetensors. By default the reference that a container keeps.",
      valueName: "file"))
  var expect: String?

  @Flag(help: "Leave the reference aside that a container keeps.")
  var noReference = false

  @Option(
    help: ArgumentHelp(
      "What the names in the file of --expect stand for: a JSON object like {\"blk.{layer}.attn_out\": \"layers.{layer}.attention\", \"unused\": null}.",
      valueName: "file"))
  var names: String?

  @Option(
    help: ArgumentHelp("Write the input and all captures to a safetensors file.", valueName: "file")
  )
  var saveOutputs: String?

  @Option(
    help: ArgumentHelp(
      "Write a card to a JSON file: what was verified, how, and against what. hymba-verify card checks later that it speaks of a model.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var card: String?

  @Option(
    help: ArgumentHelp(
      "Write a report to look at: a page for a browser (.html), or text for a pull request (.md). May be given for both.",
      valueName: "file"),
    completion: ReportOutput.completion)
  var report: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Largest error in all checks, relative to the largest expected value. By default 2e-5, or 4 times what rounding alone makes in this model.",
      valueName: "number"))
  var tolerance: TypedNumber?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Largest mean squared error over the variance of the expected values. By default 1e-10, or 16 times what rounding alone makes.",
      valueName: "number"))
  var nmse: TypedNumber?

  @Option(
    help: ArgumentHelp(
      "The precision in which --expect was computed, such as on a GPU: \(LowerPrecision.allCases.map(\.rawValue).joined(separator: ", ")). Allows what that precision makes, layer by layer, where --tolerance and --nmse say nothing else.",
      valueName: "precision"))
  var like: LowerPrecision?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Report the attention of one head in the first sequence: its layer and its number, counted from 0, like 3,0. Inputs of at most \(AttentionHead.mostPositions) positions.",
      valueName: "layer,head"))
  var attention: String?

  @Flag(help: "Show what rounding alone makes in this model, whatever differs.")
  var noise = false

  @Option(
    help: ArgumentHelp(
      "What to check, between commas: \(CheckGroup.allCases.map(\.rawValue).joined(separator: ", ")). By default all. forward means shapes, outputs and gates; batch is the independence of a batch's members. Not with --quick; with --expect it names reference.",
      valueName: "checks"),
    completion: .list(CheckGroup.allCases.map(\.rawValue)))
  var checks: String?

  @Flag(help: "Run the model once: no decoding, batch or causality.")
  var quick = false

  @Flag(help: "Replace existing files of --save-outputs, --card and --report.")
  var force = false

  @OptionGroup var base: BaseOption
  @OptionGroup var shared: SharedOptions

  /// The files that the command writes.
  var written: [String] { report + [saveOutputs, card].compactMap(\.self) }

  func validate() throws {
    for (option, value) in [("--tolerance", tolerance), ("--nmse", nmse)] {
      guard let value, !(value.value >= 0 && value.value.isFinite) else { continue }
      throw ValidationError("\(option) is \(value.text.printable); expected a finite number from 0 on.")
    }
    guard !prompt.isGiven || input == nil else {
      throw ValidationError("\(prompt.name) and --input both give the input; pass one.")
    }
    if let top, !(1...Self.mostNextTokens).contains(top) {
      throw ValidationError("--top is \(top); expected a number from 1 to \(Self.mostNextTokens).")
    }
    if let window {
      guard window > 1 else { throw ValidationError("--window is \(window); expected a number from 2 on.") }
      guard perplexity, prompt.isGiven else {
        throw ValidationError("--window divides the tokens that --perplexity scores, and needs it with --text or --tokens.")
      }
    }
    guard expect == nil || !noReference else {
      throw ValidationError("--expect gives a reference, and --no-reference wants none; pass one.")
    }
    guard checks == nil || !quick else {
      throw ValidationError("--checks and --quick both choose what is checked; pass one.")
    }
    guard OutputPlace.areDistinct(written) else {
      throw ValidationError(
        "--report, --save-outputs or --card name the same file twice; give each a name of its own.")
    }
    guard !force || !written.isEmpty else {
      throw ValidationError("--force is of --save-outputs, --card and --report, and none of them is given.")
    }
    guard names == nil || expect != nil else {
      throw ValidationError("--names needs --expect, whose names it explains.")
    }
    _ = try attention.map { try AttentionHead(argument: $0) }
    let chosen = try chosenChecks()
    if checks != nil, expect != nil, !chosen.contains(.reference) {
      throw ValidationError("--expect gives a reference, and --checks does not name reference.")
    }
  }

  private static let mostNextTokens = 10_000

  func run() throws {
    try ToolRun.perform {
      // The outputs are checked before the pass, which may take minutes.
      let output = try saveOutputs.map { try CaptureOutput($0, replace: force) }
      let card = try card.map { try CardOutput($0, replace: force) }
      let reports = try report.map { try ReportOutput($0, replace: force) }
      guard let model = try open(reports) else { throw ExitCode(FailureKind.wrong) }
      if checks != nil, try chosenChecks().contains(.container), model.container == nil {
        throw FileDiagnosis(source, VerificationError.notAContainer)
      }
      let map = try names.map { try NameMap($0) }
      let expected = try reference(for: model, map)
      if let map, let expected {
        Terminal.warn(
          expected.unusedNames.map { "“\($0)” is the name of no tensor in \(expected.name)" },
          of: map.location, quiet: shared.quiet)
      }
      let given = try input.map { try Reference($0, .input) }
      let read = [expected?.location, given?.location, names, shared.config].compactMap(\.self)
      try output?.requireApart(from: model, read)
      try card?.requireApart(from: model, read)
      for report in reports { try report.requireApart(from: model, read) }
      // The report comes first: it is useful even where the captures cannot be written.
      let (report, captures) = try verify(model, expected: expected, input: given)
      for output in reports { try output.write(report) }
      if let captures { try output?.write(captures, quiet: shared.quiet) }
      try card?.write(report, of: model, against: expected, jobs: shared.jobs, quiet: shared.quiet)
      if !report.passed { throw ExitCode(FailureKind.wrong) }
    }
  }
}
