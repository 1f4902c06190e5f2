public import HymbaConversion
import HymbaFormat
public import HymbaModel

/// Answers "is this checkpoint right?" by running it.
public struct ForwardVerification: Sendable {
  /// Token ids to run the model on, one sequence.
  public var tokens: [Int]?
  /// What gives the tokens, as the report and errors call it.
  public var tokensName = "tokens"
  /// A file with the input; without it and without tokens the reference's input, else a probe.
  public var input: Reference?
  /// What it should compute.
  public var expected: Reference?
  /// What may differ between two computations of one thing.
  public var tolerance = Tolerance()
  /// Whether it is measured in any case what rounding alone does, not only where something differs by more than
  /// it does in any model.
  public var measuresNoise = false
  public var jobs: Int
  /// Whether all captures are kept, to be saved.
  public var keepsCaptures = false
  /// Whether the prediction of the input's own next tokens is scored.
  public var scoresTokens = false

  public init(jobs: Int) { self.jobs = jobs }

  /// Is told the stage, and how much of it is done of how much.
  public typealias Progress = (_ stage: String, _ done: Int, _ total: Int) -> Void

  /// - Returns: The report and, if they are kept, all captures with the input.
  /// - Throws: what reading the files throws; everything that can be judged is in the report.
  public func run(
    _ model: OpenedModel, progress: @escaping Progress = { _, _, _ in }
  ) throws -> (VerificationReport, captures: TensorStore?) {
    let (architecture, inventory) = try model.requireArchitecture(for: "a forward pass")
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
    // What is asked for is judged before anything is computed: no report is lost to it.
    let input = try InputChoice(
      architecture, tokens: tokens, named: tokensName, input: self.input, expected: expected)
    try input.judging { try pass.check(input.batch) }
    let scored = try scoredPositions(of: input, model, architecture)
    let classifier =
      architecture.output == .lastHiddenState
      ? try expected.flatMap {
        try Classifier($0, batch: input.batch.batch, hidden: architecture.hiddenSize)
      } : nil
    // Labels alone say something as well.
    if classifier == nil { try expected?.requireCaptures(layers: architecture.layers.count) }

    var report = VerificationReport(
      source: model.location, layout: model.layout.name, assumptions: model.warnings)
    if let container = model.container {
      let check = try naming(model.location) { try integrity(of: container, progress) }
      report.checks.append(check)
      // What a damaged container computes says nothing.
      guard check.passed else { return (report, nil) }
    }
    report.checks.append(
      Check(
        "inventory", passed: true,
        "\(inventory.count) tensors, none missing, none extra, every shape right"))
    let numbers = try naming(model.location) {
      try NumberCheck(
        model.parameters, inventory: inventory, jobs: jobs,
        progress: Meter("numbers", model.parameters.tensors.totalBytes, progress).add)
    }
    report.checks.append(numbers.check)

    report.input = InputDescription(origin: input.name, shape: input.batch.dimensions)
    func forward(_ name: String) -> (Int) -> Void {
      { progress(name, $0, architecture.layers.count) }
    }
    let keep = { (name: String) in keepsCaptures || expected?.expects(name) == true }
    let run = try naming(model.location) {
      try ForwardRun(pass, input.batch, keep: keep, onLayer: forward("forward"))
    }
    report.layers = run.layers
    let cause = numbers.areFinite ? nil : "the weights hold such values"
    report.checks += [
      Self.shapes(run, input.batch, architecture), Self.outputs(run, cause: cause),
      Self.gates(run.layers),
    ].compactMap { $0 }

    var invariants =
      try run.lastHiddenState.values.allSatisfy(\.isFinite)
      ? naming(model.location) {
        try Invariants(
          pass: pass, input: input.batch, result: run.lastHiddenState, nearTies: run.nearTies())
      } : nil
    invariants?.tolerance = tolerance
    invariants?.cause = cause
    var judgement = try expected.map { reference in
      try ReferenceJudgement(
        reference, run, tolerance: tolerance, isProbe: input.isProbe,
        cause: run.firstNotFinite == nil ? nil : cause)
    }
    // Only what exceeds the bounds that hold for any model costs the passes that show what rounding does.
    let exceeds =
      invariants?.checks.contains { !$0.passed } == true || judgement?.exceeds == true
    if measuresNoise || (exceeds && tolerance.mayYield) {
      let noise = try naming(model.location) {
        try RoundingNoise(
          pass, input.batch, beside: run, onLayer: { progress("rounding", $0, $1) })
      }
      invariants?.noise = noise.lastHiddenState
      invariants?.nearTies = run.nearTies(noise)
      judgement?.judge(beside: noise)
    }
    if judgement?.exceeds == true {
      try naming(model.location) {
        try judgement?.followReference(pass, input.batch, onLayer: forward("near-ties"))
      }
    }
    report.checks +=
      invariants?.checks
      ?? Invariants.names.map { Check($0, .notJudged, "the outputs hold NaN or infinite values") }
    if let judgement {
      report.comparison = judgement.comparison
      report.notCompared = judgement.notCompared
      report.suggestions = judgement.suggestions
      report.checks.append(judgement.check)
    }
    report.classification = classifier?.classify(run.output)
    if let scored, case .tokens(let ids, _) = input.batch {
      report.tokenScore = TokenScore(logits: run.output, ids: ids, positions: scored)
    }
    return (report, keepsCaptures ? try TensorStore(run.tensors, input: input.batch) : nil)
  }

  /// The positions whose next token is scored; nil when none is to be.
  private func scoredPositions(
    of input: InputChoice, _ model: OpenedModel, _ architecture: Architecture
  ) throws -> [Int]? {
    guard scoresTokens else { return nil }
    guard case .tokens = architecture.input, architecture.output.isLogits else {
      throw FileDiagnosis(
        model.location, ModelError.cannotScore("the model reads no tokens or gives no logits"))
    }
    return try input.judging { try input.scoredPositions() }
  }
}
