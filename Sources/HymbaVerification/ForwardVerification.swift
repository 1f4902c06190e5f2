public import HymbaConversion
import HymbaFormat
public import HymbaModel

/// Answers "is this checkpoint right?" by running it.
public struct ForwardVerification: Sendable {
  /// What the model is run on; without it the reference's input, else a probe.
  public var input: Reference?
  /// What it should compute.
  public var expected: Reference?
  /// Largest error relative to the largest expected value.
  public var tolerance = CaptureComparison.defaultTolerance
  public var jobs: Int
  /// Whether all captures are kept, to be saved.
  public var keepsCaptures = false

  public init(jobs: Int) { self.jobs = jobs }

  /// Is told the stage, and how much of it is done of how much.
  public typealias Progress = (_ stage: String, _ done: Int, _ total: Int) -> Void

  /// - Returns: The report and, if they are kept, all captures and the input.
  /// - Throws: what reading the files throws; everything that can be judged is in the report.
  public func run(
    _ model: OpenedModel, progress: @escaping Progress = { _, _, _ in }
  ) throws -> (VerificationReport, captures: [String: Tensor]) {
    let (architecture, inventory) = try model.requireArchitecture(for: "a forward pass")
    var report = VerificationReport(
      source: model.location, layout: model.layout.name, assumptions: model.assumptions)
    if let container = model.container {
      let check = try naming(model.location) { try integrity(of: container, progress) }
      report.checks.append(check)
      // What a damaged container computes says nothing.
      guard check.passed else { return (report, [:]) }
    }
    report.checks.append(
      Check(
        "inventory", passed: true,
        "\(inventory.count) tensors, none missing, none extra, every shape right"))
    let numbers = try naming(model.location) {
      try NumberCheck(
        model.parameters, inventory: inventory,
        progress: Meter("numbers", model.parameters.tensors.totalBytes, progress).add)
    }
    report.checks.append(numbers.check)

    let (origin, input) = try chooseInput(architecture)
    report.input = InputDescription(origin: origin, shape: input.dimensions)
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
    let expectations = try expected?.expectations() ?? [:]
    try naming(origin) { _ = try pass.shape(of: input) }
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
      let invariants = Invariants(pass: pass, input: input, result: result)
      report.checks += [try invariants.causality(), try invariants.batchIndependence()]
    }
    try compare(run, expectations, into: &report)
    var captures = keepsCaptures ? run.tensors : [:]
    if keepsCaptures { captures["input"] = input }
    return (report, captures)
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

  private func chooseInput(_ architecture: Architecture) throws -> (String, Tensor) {
    if let input {
      guard let tensor = try input.input else {
        throw FileDiagnosis(input.name, ModelError.inputMissing("input"))
      }
      return (input.name, tensor)
    }
    if let expected, let tensor = try expected.input { return (expected.name, tensor) }
    return ("probe", Probe.features(size: architecture.input.size))
  }

  private func shapes(_ run: ForwardRun, _ input: Tensor, _ architecture: Architecture) -> Check {
    let batch = input.dimensions[0]
    let length = architecture.metaTokens.prependedCount + input.dimensions[1]
    let expected = [batch, length, architecture.hiddenSize]
    let wrong = run.layers.first { $0.outputShape != expected }
    let output = [batch, architecture.hiddenSize]
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
    report.classification = try expected.classify(run.output)
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
        "\(report.comparison.count) captures agree; the largest relative error is \(worst.shortText)"
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
