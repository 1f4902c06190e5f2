import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaModel

/// One verification, which runs in stages.
struct VerificationCourse {
  let options: ForwardVerification
  let model: OpenedModel
  let architecture: Architecture
  let inventory: ParameterInventory
  let input: InputChoice
  /// The tokens that were given, in windows if they are scored; nil for another input.
  let windows: TokenWindows?
  /// The positions of the input whose next token is scored; nil when none are scored.
  let scored: [Int]?
  private let classifier: Classifier?
  let progress: ForwardVerification.Progress
  let reached: (VerificationReport) throws -> Void
  var report: VerificationReport

  /// Checks the input and the reference before anything is computed, so that an error in them costs no report.
  ///
  /// - Throws: ``VerificationError`` and ``ModelError`` for an input or a reference that does not fit, and the
  ///   errors of reading the files.
  init(
    _ options: ForwardVerification, _ model: OpenedModel,
    progress: @escaping ForwardVerification.Progress,
    reached: @escaping (VerificationReport) throws -> Void
  ) throws {
    self.options = options
    self.model = model
    (self.architecture, self.inventory) = try model.requireArchitecture(for: "a forward pass")
    let expected = options.expected
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: options.jobs)
    let windows = options.tokens.flatMap {
      options.scoresTokens ? TokenWindows($0, length: options.windowLength) : nil
    }
    let input = try InputChoice(
      architecture, tokens: windows?.windows.first ?? options.tokens, named: options.tokensName, input: options.input, expected: expected)
    try input.judging { try pass.check(input.batch) }
    if let head = options.attention {
      try architecture.require(head, length: input.batch.length)
    }
    self.input = input
    self.windows = windows
    if options.nextTokens > 0 { try architecture.requireNextTokens(of: model.location) }
    self.scored =
      options.scoresTokens
      ? try Self.scoredPositions(of: input, architecture, model.location) : nil
    self.classifier =
      architecture.output == .lastHiddenState
      ? try expected.flatMap { [hidden = architecture.hiddenSize] in
        try Classifier($0, batch: input.batch.batch, hidden: hidden)
      } : nil
    // A classifier's labels can be checked without any capture.
    if classifier == nil { try expected?.requireCaptures(layers: architecture.layers.count) }
    if options.checks.contains(.reference) {
      try expected?.requireFit(architecture, on: input.batch, isProbe: input.isProbe)
    }
    self.progress = progress
    self.reached = reached
    self.report = VerificationReport(
      source: model.location, layout: model.layout.name, assumptions: model.warnings)
  }

  /// The words for tensors that are kept with the model and that nothing computes with; empty where there are
  /// none.
  private var carriedNote: String {
    let count = model.description.carried.count
    guard count > 0 else { return "" }
    return
      "; \(count) more \(count == 1 ? "is" : "are") kept beside them, of which the model computes nothing"
  }

  /// Runs all stages.
  ///
  /// - Returns: All captures with the input, if they are kept.
  /// - Throws: The errors of reading the files, and the errors of `reached`.
  mutating func run() throws -> TensorStore? {
    add(
      .inventory,
      Check(
        "inventory", passed: true,
        "\(inventory.count) tensors, none missing, none extra, every shape right" + carriedNote))
    report.input = needsPass ? InputDescription(origin: input.name, shape: input.batch.dimensions) : nil
    report.reference = options.checks.contains(.reference) ? options.expected?.description : nil
    try reached(report)

    let source = InspectedSource(
      model.parameters, comparing: options.checks.contains(.container) ? model.container : nil,
      hashesAll: options.makesFingerprint,
      countsNumbers: options.checks.contains(.numbers) || needsPass, plans: plans)
    let runs = InvariantRuns(input.batch, architecture, checks: options.checks)
    let pass: ForwardRun?
    do {
      if options.checks.contains(.container), let damage = try damageBesideTensors() {
        return end(by: damage)
      }
      pass = try naming(model.location) { try traverse(source, runs) }
    } catch let error as FileDiagnosis {
      guard let cause = error.cause as? FormatError, let damage = cause.tensorDamage else {
        throw error
      }
      // Results that were computed from a damaged tensor say nothing.
      return end(by: damage)
    }
    if options.makesFingerprint {
      report.fingerprint = try naming(model.location) { try source.fingerprint() }
    }
    if let container = model.container {
      add(.container, ForwardVerification.integrity(of: container))
    }
    let cause = try judgeNumbers(source)
    judgeConventions(source)
    guard let pass else {
      for group in CheckGroup.allCases where group.needsPass { addNotRun(group) }
      return nil
    }
    report.attention = pass.attention
    try judge(pass, runs, cause: cause)
    report.classification = classifier?.classify(pass.output)
    try scoreTokens(pass.output)
    return options.keepsCaptures ? try TensorStore(pass.tensors, input: input.batch) : nil
  }

  private var needsPass: Bool {
    options.checks.contains { $0.needsPass && ($0 != .reference || options.expected != nil) }
      || options.scoresTokens || options.nextTokens > 0 || options.keepsCaptures || classifier != nil
      || options.attention != nil
  }

  /// Takes every tensor through all its uses at the same time: digests, numbers and the runs of the model.
  ///
  /// - Returns: The forward pass; nil where none is needed.
  private func traverse(_ source: InspectedSource, _ runs: InvariantRuns) throws -> ForwardRun? {
    let total = model.parameters.tensors.totalBytes
    let advance = { [progress] in progress("weights", source.bytesRead, total) }
    var pass: ForwardRun?
    if needsPass {
      pass = try ForwardRun(
        ForwardPass(architecture, parameters: source, jobs: options.jobs)
          .keeping(options.attention), input.batch,
        beside: runs.lanes,
        keep: { [options] in options.keepsCaptures || options.expected?.expects($0) == true },
        onCapture: advance)
    }
    if options.makesFingerprint
      || !options.checks.isDisjoint(with: [.container, .numbers, .conventions])
    {
      try source.readRest(jobs: options.jobs, progress: advance)
    }
    return pass
  }

  /// The first damage of a header or of what is kept beside the tensors. The tensors are compared while they are
  /// used.
  private func damageBesideTensors() throws -> ContainerDamage? {
    guard let container = model.container else { return nil }
    return try naming(model.location) {
      try container.findHeaderDamages().first ?? container.findAttachmentDamage(jobs: options.jobs).first
    }
  }

  /// Ends the verification at a damaged tensor: the checks that are left are reported as not run.
  private mutating func end(by damage: ContainerDamage) -> TensorStore? {
    report.checks.append(Check("container", passed: false, damage.description))
    let known = Set(report.checks.map(\.name))
    for group in CheckGroup.allCases where !known.isSuperset(of: group.names) {
      addNotRun(group, because: "not run, as the container is damaged")
    }
    return nil
  }

  /// Adds the checks of a group, or a note that they were not asked for.
  mutating func add(_ group: CheckGroup, _ checks: [Check]) {
    guard options.checks.contains(group) else { return addNotRun(group) }
    report.checks += checks
  }

  mutating func add(_ group: CheckGroup, _ check: Check) { add(group, [check]) }

  mutating func addNotRun(
    _ group: CheckGroup, because reason: String = "not run, as it was not asked for"
  ) {
    for name in group.names where name != "gates" || hasGates {
      guard name != "reference" || options.expected != nil else { continue }
      report.checks.append(Check(name, .notRun, reason))
    }
  }

  private var hasGates: Bool {
    architecture.layers.contains {
      if case .parallel(_, _, .gated) = $0.mixer { true } else { false }
    }
  }
}
