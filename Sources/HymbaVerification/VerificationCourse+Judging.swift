import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaModel

/// What is judged of the numbers and of the pass.
extension VerificationCourse {
  /// - Returns: The explanation of values that are NaN or infinite, if the weights hold such values.
  mutating func judgeNumbers(_ source: InspectedSource) throws -> String? {
    let cause = "the weights hold such values"
    guard options.checks.contains(.numbers) else {
      addNotRun(.numbers)
      // The other checks explain themselves by the numbers, whether these are a check of their own or not.
      return source.numbers.values.allSatisfy(\.isFinite) ? nil : cause
    }
    let numbers = try naming(model.location) {
      try NumberCheck(
        source.numbers, of: model.parameters, architecture, inventory: inventory,
        jobs: options.jobs)
    }
    add(.numbers, numbers.check)
    return numbers.areFinite ? nil : cause
  }

  /// What conventions are judged by, for each parameter.
  var plans: [String: FigurePlan] {
    guard options.checks.contains(.conventions) else { return [:] }
    return Dictionary(
      inventory.map { ($0.name, FigurePlan($0, in: architecture)) }) { own, _ in own }
  }

  mutating func judgeConventions(_ source: InspectedSource) {
    guard options.checks.contains(.conventions) else { return addNotRun(.conventions) }
    let report = ConventionReport(
      source.figures, architecture, inventory: inventory, tensors: source.tensors)
    // Where numbers are checked, that check tells of tensors that were never filled.
    add(
      .conventions,
      ConventionCheck.check(report, besideNumbers: options.checks.contains(.numbers)))
  }

  mutating func judge(_ run: ForwardRun, _ runs: InvariantRuns, cause: String?) throws {
    report.layers = options.checks.contains(.forward) ? run.layers : []
    add(
      .forward,
      [
        ForwardVerification.shapes(run, input.batch, architecture),
        ForwardVerification.outputs(run, cause: cause), ForwardVerification.gates(run.layers),
      ].compactMap { $0 })
    try reached(report)

    var invariants =
      run.lastHiddenState.values.allSatisfy(\.isFinite)
      ? Invariants(
        input.batch, runs, result: run.lastHiddenState, apart: run.beside,
        nearTies: run.nearTies()) : nil
    invariants?.tolerance = options.tolerance
    invariants?.cause = cause
    let expected = options.checks.contains(.reference) ? options.expected : nil
    var judgement = try expected.map { reference in
      try ReferenceJudgement(
        reference, run, layers: architecture.layers.count, tolerance: options.tolerance,
        isProbe: input.isProbe,
        cause: run.firstNotFinite == nil ? nil : cause)
    }
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: options.jobs)
    // The passes that measure rounding are made only where a bound that holds for any model is exceeded.
    let exceeds =
      invariants?.judged().contains { $0.outcome == .failed } == true
      || (judgement?.exceeds == true && options.tolerance.like == nil)
    if options.measuresNoise || (exceeds && options.tolerance.mayYield) {
      let noise = try naming(model.location) {
        try RoundingNoise(
          pass, input.batch, beside: run, onLayer: { progress("rounding", $0, $1) })
      }
      invariants?.noise = noise.lastHiddenState
      invariants?.nearTies = run.nearTies(noise)
      judgement?.judge(beside: noise)
    }
    for group in [CheckGroup.causality, .batch, .decoding] {
      guard runs.checks.contains(group) else {
        addNotRun(group)
        continue
      }
      report.checks +=
        invariants.map { $0.check(group).map { [$0] } ?? [] }
        ?? group.names.map { Check($0, .notJudged, "the outputs hold NaN or infinite values") }
    }
    try reached(report)
    try judge(judgement, pass)
  }
}
