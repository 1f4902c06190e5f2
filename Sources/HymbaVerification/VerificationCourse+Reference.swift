import HymbaConversion
import HymbaFormat
import HymbaModel

/// The comparison with a reference, and the search for the cause of a difference.
extension VerificationCourse {
  mutating func judge(_ judgement: ReferenceJudgement?, _ pass: ForwardPass) throws {
    guard var judgement else {
      if options.expected != nil { addNotRun(.reference) }
      return
    }
    if judgement.exceeds {
      try naming(model.location) {
        try judgement.followReference(
          pass, input.batch,
          onLayer: { [progress, count = architecture.layers.count] in
            progress("near-ties", $0, count)
          })
      }
    }
    try findCause(judgement, pass)
    report.comparison = judgement.comparison
    report.notCompared = judgement.notCompared
    report.suggestions = judgement.suggestions
    report.checks.append(judgement.check)
  }

  /// Looks for the cause of a difference that neither rounding, nor near-ties, nor another input explains.
  private mutating func findCause(_ judgement: ReferenceJudgement, _ pass: ForwardPass) throws {
    guard judgement.check.outcome == .failed, !judgement.beginsAtNearTie, !judgement.isProbe,
      let first = judgement.comparison.first(where: { !$0.passed })
    else { return }
    if judgement.reference.description.isKept,
      let note = model.assumptions.first(where: ReferenceBesideCast.isNote)
    {
      report.unexplained =
        "\(first.capture) is the first that differs, and \(note); --no-reference leaves it aside, --tolerance and --nmse set wider bounds"
      return
    }
    guard !judgement.reference.isStatistics else {
      report.unexplained =
        "\(first.capture) is the first whose statistics differ; these tell no cause, and the captures themselves, kept with --reference or given with --expect, may"
      return
    }
    if let later = judgement.agreementBehind(first) {
      report.unexplained =
        "\(first.capture) differs and \(later) behind it agrees: the model computes on as it should, so the reference's \(first.capture) was taken at another place"
      return
    }
    let search = CauseSearch(
      reference: judgement.reference, tolerance: judgement.tolerance, noise: judgement.noise,
      pass: pass, parameters: model.parameters, inventory: inventory, input: input.batch,
      contradictsConventions: report.checks.contains { $0.name == "conventions" && $0.outcome == .failed },
      jobs: options.jobs)
    switch try naming(model.location, { try search.run(from: first) { progress("cause", $0, $1) } }) {
    case .cause(let cause): report.cause = cause
    case .unexplained(let why): report.unexplained = why
    case nil: break
    }
  }
}
