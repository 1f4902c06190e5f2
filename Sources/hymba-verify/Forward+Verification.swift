import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaReport
import HymbaTerminal
import HymbaVerification

/// The work of the command between its options and its outputs.
extension Forward {
  /// Opens the checkpoint; nil when its tensors do not fit the model, which is then shown in a report.
  func open(_ reports: [ReportOutput]) throws -> OpenedModel? {
    do {
      return try OpenedModel.open(ModelInput(paths: [source], base: base.path), shared.opening)
    } catch let error as FileDiagnosis where error.cause is ConversionError && error.kind == .wrong
    {
      var report = VerificationReport(source: source, layout: "unknown", assumptions: [])
      report.checks.append(Check("inventory", passed: false, ToolRun.sentence(error.cause)))
      var text = ForwardReportText(width: Terminal.width)
      try show(report, &text)
      for output in reports { try output.write(report) }
      return nil
    } catch let error as any Diagnosis where error.kind == .wrong || error.kind == .unreadable {
      // Who asked for a report finds in it why there is no more.
      var report = VerificationReport(source: source, layout: "unknown", assumptions: [])
      // The page names the checkpoint as the title does, without the folders of this machine.
      let sentence = ToolRun.sentence(error).replacing(source, with: FileSystem.name(of: source))
      report.checks.append(Check("opening", passed: false, sentence))
      for output in reports { try output.write(report) }
      throw error
    }
  }

  func verify(
    _ model: OpenedModel, expected: Reference?, input: Reference?
  ) throws -> (VerificationReport, TensorStore?) {
    var verification = ForwardVerification(jobs: shared.jobs)
    verification.input = input
    verification.expected = expected
    let tokenizer = try prompt.isGiven || top != nil ? prompt.tokenizer(of: model, quiet: shared.quiet) : nil
    verification.tokens = try prompt.ids(
      for: model, tokenizer, window: perplexity ? window ?? Self.usualWindow : nil, quiet: shared.quiet)
    verification.tokensName = prompt.name
    verification.scoresTokens = perplexity
    verification.windowLength = window ?? Self.usualWindow
    verification.nextTokens = top ?? 0
    verification.text = { token, before in tokenizer?.tokenizer.text(of: token, after: before) }
    verification.tolerance = Tolerance(error: tolerance?.value, nmse: nmse?.value, like: like)
    verification.measuresNoise = noise
    verification.attention = try attention.map { try AttentionHead(argument: $0) }
    verification.keepsCaptures = saveOutputs != nil
    verification.makesFingerprint = card != nil
    verification.checks = try chosenChecks()
    var bar: (stage: String, bar: ProgressBar)?
    var text = ForwardReportText(width: Terminal.width)
    func finishBar() {
      bar?.bar.finish()
      bar = nil
    }
    defer { finishBar() }
    let (report, captures) = try verification.run(
      model,
      progress: { stage, done, total in
        if bar?.stage != stage {
          finishBar()
          bar = (
            stage,
            ProgressBar(stage, total: total, isBytes: stage == "weights", quiet: shared.quiet)
          )
        }
        bar?.bar.set(done)
      },
      reached: { report in
        finishBar()
        let lines = shared.json || shared.quiet ? [] : text.lines(reached: report)
        if !lines.isEmpty { Terminal.show(lines: lines) }
        // What a file receives is computed all the same.
        if Terminal.isOutputLost, written.isEmpty { throw ExitCode(FailureKind.inputOutput) }
      })
    finishBar()
    try show(report, &text)
    return (report, captures)
  }

  private func show(_ report: VerificationReport, _ text: inout ForwardReportText) throws {
    if shared.json { return try Terminal.show(json: report) }
    if shared.quiet {
      return Terminal.show(lines: ForwardReportText.verdict(of: report, width: Terminal.width))
    }
    Terminal.show(lines: text.lines(complete: report))
  }
}
