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

    let (origin, input) = try chooseInput(architecture)
    report.input = InputDescription(origin: origin, shape: input.dimensions)
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
    let expectations = try expected?.expectations() ?? [:]
    try naming(origin) { try pass.check(input) }
    let run = try naming(model.location) {
      try ForwardRun(
        pass, input,
        keep: {
          keepsCaptures || $0 == Capture.lastHiddenState.name || expectations[$0] != nil
        }, onLayer: { progress("forward", $0, architecture.layers.count) })
    }
    report.layers = run.layers
    report.checks += [
      shapes(run, input, architecture), Self.gates(run.layers),
    ].compactMap { $0 }
    if let result = run.tensors[Capture.lastHiddenState.name] {
      let invariants = Invariants(pass: pass, input: input, result: result, nearTies: run.nearTies)
      report.checks += try naming(model.location) {
        [
          try invariants.causality(), try invariants.batchIndependence(),
          try invariants.decoding(),
        ]
      }
    }
    try compare(run, expectations, into: &report)
    if scoresTokens { report.tokenScore = try naming(model.location) { try score(run, input) } }
    return (report, keepsCaptures ? try TensorStore(run.tensors, input: input) : nil)
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

  private func chooseInput(_ architecture: Architecture) throws -> (String, InputBatch) {
    if let tokens { return ("--tokens", .tokens(tokens, batch: 1)) }
    if let input {
      guard let batch = try input.input(for: architecture) else {
        let name = if case .tokens = architecture.input { "input_ids" } else { "input" }
        throw FileDiagnosis(input.name, ModelError.inputMissing(name))
      }
      return (input.name, batch)
    }
    if let expected, let batch = try expected.input(for: architecture) {
      return (expected.name, batch)
    }
    return ("probe", Probe.input(for: architecture))
  }

  /// Over the positions that the input's mask marks, or over all.
  private func score(_ run: ForwardRun, _ input: InputBatch) throws -> TokenScore {
    guard case .tokens(let ids, _) = input, run.output.dimensions.count == 3 else {
      throw ModelError.cannotScore("this model has no tokens and gives no logits")
    }
    let mask = tokens == nil ? try (self.input ?? expected)?.targetMask() : nil
    if let mask, mask.count != ids.count {
      throw ModelError.inputShape(found: [mask.count], expected: "a target_mask of \(ids.count)")
    }
    let score = TokenScore(logits: run.output, ids: ids, mask: mask)
    guard score.count > 0 else {
      throw ModelError.cannotScore("no position of the input has a next token to score")
    }
    return score
  }

  private func shapes(
    _ run: ForwardRun, _ input: InputBatch, _ architecture: Architecture
  ) -> Check {
    let batch = input.batch
    let length = architecture.metaTokens.prependedCount + input.length
    let expected = [batch, length, architecture.hiddenSize]
    let wrong = run.layers.first { $0.outputShape != expected }
    let output =
      architecture.output == .lastHiddenState
      ? [batch, architecture.hiddenSize] : [batch, input.length, architecture.input.size]
    if let wrong {
      return Check(
        "shapes", passed: false,
        "layer \(wrong.index) gives \(wrong.outputShape) instead of \(expected)")
    }
    return Check(
      "shapes", passed: run.output.dimensions == output,
      "\(run.layers.count) layers give \(expected), the output is \(run.output.dimensions)")
  }

  private static func gates(_ layers: [LayerReport]) -> Check? {
    let gates = layers.compactMap { layer in layer.gate.map { (layer.index, $0) } }
    guard !gates.isEmpty else { return nil }
    if let (index, gate) = gates.first(where: { !$0.1.isWithinUnitInterval }) {
      return Check(
        "gates", passed: false, "the gate of layer \(index) reaches from \(gate.min) to \(gate.max)"
      )
    }
    let saturated = gates.map { $0.1.below005 + $0.1.above095 }.max() ?? 0
    let percent = Int((saturated * 100).rounded())
    return Check(
      "gates", passed: true,
      "within [0, 1] in all layers; at most \(percent) % of a layer saturated")
  }

  private func compare(
    _ run: ForwardRun, _ expectations: [String: Tensor], into report: inout VerificationReport
  ) throws {
    guard let expected else { return }
    report.comparison = run.order.compactMap { name in
      guard let reference = expectations[name], let got = run.tensors[name] else { return nil }
      return CaptureComparison(name, got: got, expected: reference, tolerance: tolerance)
    }
    report.notCompared = expected.namesBeside(Set(report.comparison.map(\.capture)))
    if run.output.dimensions.count == 2 {
      report.classification = try expected.classify(run.output)
    }
    let failed = report.comparison.count { !$0.passed }
    let detail: String
    if report.comparison.isEmpty {
      detail = "\(expected.name) holds no capture of this model"
    } else if let first = report.firstDivergence {
      detail =
        "\(failed) of \(report.comparison.count) captures differ; the first in order of computation is \(first)"
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
