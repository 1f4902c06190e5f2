import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal
import HymbaVerification

struct Card: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check that the card of a verification speaks of a model.",
    usage: "hymba-verify card <card> <model> [<options>]",
    discussion: """
      A card is what forward --card writes. The model's tensors are read and hashed, and its architecture is \
      compared. Exit code 0 when the card speaks of this model and says that all passed, else 1.

      Examples:
        hymba-verify forward hymba.hymba --card hymba.card.json
        hymba-verify card hymba.card.json hymba.hymba
      """)

  @Argument(help: ArgumentHelp("A card, as forward --card writes it.", valueName: "card"))
  var file: String

  @Argument(help: "The checkpoint that it should speak of: a file or a folder.")
  var model: String

  @OptionGroup var base: BaseOption
  @OptionGroup var shared: SharedOptions

  func run() throws {
    try ToolRun.perform {
      let claim = try CardClaim(file)
      let model = try OpenedModel.open(ModelInput(paths: [model], base: base.path), shared.opening)
      model.showWarnings(quiet: shared.quiet)
      let bar = ProgressBar(
        "reading", total: model.parameters.tensors.totalBytes, quiet: shared.quiet)
      let check = try CardCheck(claim, model, jobs: shared.jobs) { bar.advance(by: $0) }
      bar.finish()
      let report = CardReport(file: file, model: self.model, check)
      if shared.json {
        try Terminal.show(json: report)
      } else {
        Terminal.show(lines: report.lines(width: Terminal.width, quiet: shared.quiet))
      }
      if !check.passed { throw ExitCode(FailureKind.wrong) }
    }
  }
}

/// Whether a card speaks of a model. The schema of its JSON form is `Schemas/card-check.schema.json`.
private struct CardReport: Encodable {
  let card: String
  let model: String
  let speaksOfModel: Bool
  /// Whether the card says that all that was checked passed.
  let saysPassed: Bool
  /// The fingerprint of the model that lies here.
  let fingerprint: String
  /// What is computed otherwise than the card says.
  let differences: [String]
  /// How many of the sequences that were run were compared, in words; null where all were, or none.
  @OrNull var coverage: String?
  private let check: CardCheck

  private enum CodingKeys: String, CodingKey {
    case card, model, speaksOfModel, saysPassed, fingerprint, differences, coverage
  }

  init(file: String, model: String, _ check: CardCheck) {
    self.card = file
    self.model = model
    self.speaksOfModel = check.speaksOfModel
    self.saysPassed = check.claim.passed
    self.fingerprint = "\(check.fingerprint)"
    self.differences = check.differences
    self.coverage = check.claim.coverage
    self.check = check
  }

  func lines(width: Int?, quiet: Bool) -> [String] {
    let verdict = check.sentence.wrapped(label: "", width: width)
    guard !quiet else { return verdict }
    let claim = check.claim
    var lines = [card.printable]
    func add(_ label: String, _ text: String) {
      lines += text.printable.wrapped(label: "  " + label.padded(13), width: width)
    }
    add("verified", "\(claim.source), on \(claim.date), by \(claim.tool)")
    add("result", claim.passed ? "passed" : "failed")
    for (outcome, label) in Self.outcomes {
      let names = claim.checks.filter { $0.outcome == outcome }.map(\.name)
      if !names.isEmpty { add(label, names.joined(separator: ", ")) }
    }
    if let reference = claim.reference {
      add(
        "reference",
        "\(reference.name), \(String.counted(reference.captures, "capture")) compared"
          + (claim.coverage.map { "; \($0)" } ?? ""))
    }
    add("fingerprint", "\(fingerprint) here")
    return lines + ["", ] + verdict
  }

  /// The outcomes of checks, with the words for a card's reader.
  private static let outcomes = [
    ("passed", "passed"), ("warned", "with warning"), ("failed", "failed"),
    ("notJudged", "not judged"), ("notRun", "not run"),
  ]
}
