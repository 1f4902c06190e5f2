public import HymbaConversion
import HymbaFormat
public import HymbaModel

/// Answers "is this checkpoint right?" by running it.
public struct ForwardVerification: Sendable {
  /// Token ids to run the model on, one sequence.
  public var tokens: [Int]?
  /// A file with the input; without it and without tokens the reference's input, else a probe.
  public var input: Reference?
  /// What it should compute.
  public var expected: Reference?
  /// Largest error relative to the largest expected value.
  public var tolerance = CaptureComparison.defaultTolerance
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
      architecture, tokens: tokens, input: self.input, expected: expected)
    try naming(input.name) { try pass.check(input.batch) }
    let scored = try scoredPositions(of: input, model, architecture)
    let classifier =
      architecture.output == .lastHiddenState
      ? try expected.flatMap {
        try Classifier($0, batch: input.batch.batch, hidden: architecture.hiddenSize)
      } : nil

    var report = VerificationReport(
      source: model.location, layout: model.layout.name, assumptions: model.assumptions)
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
    let run = try naming(model.location) {
      try ForwardRun(
        pass, input.batch, keep: { keepsCaptures || expected?.expects($0) == true },
        onLayer: { progress("forward", $0, architecture.layers.count) })
    }
    report.layers = run.layers
    report.checks += [
      Self.shapes(run, input.batch, architecture), Self.outputs(run), Self.gates(run.layers),
    ].compactMap { $0 }
    report.checks += try naming(model.location) {
      let invariants = try Invariants(
        pass: pass, input: input.batch, result: run.lastHiddenState, nearTies: run.nearTies)
      return [
        try invariants.causality(), try invariants.batchIndependence(), try invariants.decoding(),
      ]
    }
    try compare(run, of: input, into: &report)
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
    return try naming(input.name) { try input.scoredPositions() }
  }

  private func integrity(
    of container: ContainerSource, _ progress: @escaping Progress
  ) throws -> Check {
    let total = container.storedRanges.reduce(0) { $0 + $1.count }
    let damage = try container.findDamage(
      jobs: jobs, progress: Meter("digests", total, progress).add)
    guard damage.isEmpty else {
      return Check(
        "container", passed: false, damage.map(\.description).joined(separator: "; "))
    }
    return Check(
      "container", passed: true,
      "header, manifest and \(container.manifest.tensors.count) tensors have the digests they were written with"
    )
  }

  static func shapes(
    _ run: ForwardRun, _ input: InputBatch, _ architecture: Architecture
  ) -> Check {
    let batch = input.batch
    let length = architecture.metaTokens.prependedCount + input.length
    let expected = [batch, length, architecture.hiddenSize]
    let wrong = run.layers.first { $0.outputShape != expected }
    let output = architecture.outputDimensions(batch: batch, length: input.length)
    if let wrong {
      return Check(
        "shapes", passed: false,
        "layer \(wrong.index) gives \(wrong.outputShape) instead of \(expected)")
    }
    guard run.output.dimensions == output else {
      return Check(
        "shapes", passed: false, "the output is \(run.output.dimensions) instead of \(output)")
    }
    return Check(
      "shapes", passed: true,
      "\(run.layers.count) layers give \(expected), the output is \(output)")
  }

  private static func outputs(_ run: ForwardRun) -> Check {
    Check(
      "outputs", passed: run.firstNotFinite == nil,
      run.firstNotFinite.map {
        "NaN or infinite values, first in order of computation in \($0)"
      } ?? "all finite")
  }

  static func gates(_ layers: [LayerReport]) -> Check? {
    let gates = layers.compactMap { layer in layer.gate.map { (layer.index, $0) } }
    guard !gates.isEmpty else { return nil }
    if let (index, gate) = gates.first(where: { !$0.1.isWithinUnitInterval }) {
      return Check(
        "gates", passed: false,
        gate.mean.isNaN
          ? "the gate of layer \(index) has values that are no numbers"
          : "the gate of layer \(index) reaches from \(gate.min.shortText) to \(gate.max.shortText)"
      )
    }
    let saturated = gates.map { $0.1.below005 + $0.1.above095 }.max() ?? 0
    let percent = Int((saturated * 100).rounded())
    return Check(
      "gates", passed: true,
      "within [0, 1] in all layers; at most \(percent) % of a layer saturated")
  }

  private func compare(
    _ run: ForwardRun, of input: InputChoice, into report: inout VerificationReport
  ) throws {
    guard let expected else { return }
    report.comparison = try run.order.compactMap { name in
      try run.tensors[name].flatMap {
        try expected.compare(name, with: $0, tolerance: tolerance)
      }
    }
    report.notCompared = expected.namesBeside(Set(report.comparison.map(\.capture)))
    let failed = report.comparison.count { !$0.passed }
    let detail: String
    if report.comparison.isEmpty {
      detail = "\(expected.name) holds no capture of this model"
    } else if let first = report.firstDivergence {
      detail =
        "\(failed) of \(report.comparison.count) captures differ; the first in order of computation is \(first)"
        + (input.isProbe
          ? "; \(expected.name) holds no input, so the model was run on the probe" : "")
    } else {
      let worst = report.comparison.compactMap(\.maxRelativeError).max() ?? 0
      detail =
        "\(report.comparison.count) \(report.comparison.count == 1 ? "capture agrees" : "captures agree"); the largest relative error is \(worst.shortText)"
    }
    report.checks.append(
      Check("reference", passed: !report.comparison.isEmpty && failed == 0, detail))
  }
}

/// Adds up what was done of one stage.
private final class Meter {
  private let stage: String
  private let total: Int
  private let progress: ForwardVerification.Progress
  private var done = 0

  init(_ stage: String, _ total: Int, _ progress: @escaping ForwardVerification.Progress) {
    self.stage = stage
    self.total = total
    self.progress = progress
  }

  func add(_ amount: Int) {
    done += amount
    progress(stage, done, total)
  }
}
