import HymbaConversion
import HymbaFormat
import HymbaTerminal
import HymbaVerification

/// A verification report for people. The results of a stage are shown when the stage ends.
struct ForwardReportText {
  private let width: Int?
  private var report: VerificationReport
  private var hasHead = false
  private var hasTables = false
  private var checksTold = 0

  init(width: Int?) {
    self.width = width
    self.report = VerificationReport(source: "", layout: "", assumptions: [])
  }

  /// - Returns: The lines that are new since the last call.
  mutating func lines(reached report: VerificationReport) -> [String] {
    self.report = report
    var lines: [String] = []
    if !hasHead {
      lines += head + [""]
      hasHead = true
    }
    if !hasTables, !report.layers.isEmpty {
      lines += gates(width: width) + fusions(width: width) + residuals(width: width)
      lines += routers(width: width) + [""]
      hasTables = true
    }
    let new = report.checks[checksTold...]
    checksTold = report.checks.count
    if !report.comparison.isEmpty { lines += comparison(width: width) + [""] }
    return lines + new.flatMap(line)
  }

  /// - Returns: The lines that are new since the last call, and the verdict.
  mutating func lines(complete report: VerificationReport) -> [String] {
    var lines = lines(reached: report)
    for line in report.comparison {
      guard let agreement = line.top1Agreement, let divergence = line.klDivergence else { continue }
      lines.append(
        "  \(line.capture): same highest score at \(Self.percent(agreement, 2)), KL divergence \(divergence.shortText) nats"
      )
    }
    if let classification = report.classification {
      lines.append(
        "  accuracy \(Self.percent(classification.accuracy, 2)): \(classification.correct) of \(classification.count) classified as labelled"
      )
    }
    if let score = report.tokenScore {
      lines.append(
        "  next tokens: cross-entropy \(score.crossEntropy.shortText), perplexity \(score.perplexity.shortText), accuracy \(Self.percent(score.accuracy, 2)) of \(score.count)"
      )
    }
    return lines + notCompared(width: width) + [""] + verdict
  }

  private var head: [String] {
    var lines = [report.source.printable]
    if let input = report.input {
      lines.append(
        "  layout \(report.layout.printable), input \(input.shape) from \(input.origin.printable)")
    }
    for assumption in report.assumptions {
      lines += OpenedModel.sentence(assumption: assumption).printable.wrapped(
        label: "  note: ", width: width)
    }
    return lines
  }

  private func line(_ check: Check) -> [String] {
    let (mark, color) = Self.mark(check.outcome)
    // The label is wrapped without its colour: escape sequences take no columns.
    let plain = "  \(mark)  \(check.name.padded(20))"
    var rows = check.detail.printable.wrapped(label: plain, width: width)
    if !rows.isEmpty, let color {
      rows[0] = "  \(Terminal.styled(mark, color))" + rows[0].dropFirst(6)
    }
    return rows
  }

  private var verdict: [String] {
    let notRun = report.checks.filter { $0.outcome == .notRun }.map(\.name)
    let failed = report.checks.filter { $0.outcome == .failed }.map(\.name)
    guard report.passed || !failed.isEmpty else { return ["nothing was checked"] }
    guard report.passed else {
      return [Terminal.styled("failed: ", .red) + failed.joined(separator: ", ")]
    }
    return notRun.isEmpty
      ? [Terminal.styled("passed", .green)]
      : "what was run passed; not run: \(notRun.joined(separator: ", "))".wrapped(
        label: "", width: width)
  }

  private static func mark(_ outcome: Check.Outcome) -> (String, Terminal.Style?) {
    switch outcome {
    case .passed: ("ok  ", .green)
    case .warned: ("WARN", .yellow)
    case .failed: ("FAIL", .red)
    case .notJudged, .notRun: ("-   ", nil)
    }
  }

  private func gates(width: Int?) -> [String] {
    let gated = report.layers.compactMap { layer in layer.gate.map { (layer, $0) } }
    guard !gated.isEmpty else { return [] }
    var table = Table([
      ("layer", .right), ("output", .left), ("gate mean", .right), ("std", .right), ("min", .right),
      ("max", .right), ("< 0.05", .right), ("> 0.95", .right),
    ])
    for (layer, gate) in gated {
      table.add([
        "\(layer.index)", "\(layer.outputShape)", gate.mean.fixedText(4), gate.std.fixedText(4),
        gate.min.fixedText(4), gate.max.fixedText(4), Self.percent(gate.below005, 2),
        Self.percent(gate.above095, 2),
      ])
    }
    return Self.paragraph(table, width: width)
  }

  private func fusions(width: Int?) -> [String] {
    let fused = report.layers.compactMap { layer in layer.fusion.map { (layer, $0) } }
    guard !fused.isEmpty else { return [] }
    var table = Table([
      ("layer", .right), ("output", .left), ("attn RMS", .right), ("mamba RMS", .right),
      ("attn share", .right), ("cosine", .right), ("gate ~ 0", .right),
    ])
    for (layer, fusion) in fused {
      table.add([
        "\(layer.index)", "\(layer.outputShape)", fusion.attentionRMS.shortText,
        fusion.mambaRMS.shortText, Self.percent(fusion.attentionShare, 1),
        fusion.cosine.isNaN ? "-" : fusion.cosine.fixedText(3),
        Self.percent(fusion.gateNearZero, 2),
      ])
    }
    return Self.paragraph(table, width: width)
  }

  private func residuals(width: Int?) -> [String] {
    let mixed = report.layers.compactMap { layer in layer.residual.map { (layer, $0) } }
    guard !mixed.isEmpty else { return [] }
    let hasShared = mixed.contains { $0.1.sharedShare != nil }
    var table = Table(
      [
        ("layer", .right), ("output", .left), ("mixer", .left), ("stream RMS", .right),
        ("mixer RMS", .right), ("share", .right),
      ] + (hasShared ? [("shared", .right)] : []))
    for (layer, residual) in mixed {
      table.add(
        [
          "\(layer.index)", "\(layer.outputShape)",
          layer.mixer == .sharedThenMamba ? "shared, mamba" : layer.mixer.rawValue,
          residual.streamRMS.shortText, residual.mixerRMS.shortText,
          Self.percent(residual.share, 1),
        ] + (hasShared ? [residual.sharedShare.map { Self.percent($0, 1) } ?? "-"] : []))
    }
    return Self.paragraph(table, width: width)
  }

  /// The largest number of experts whose loads fit into a line.
  private static let listedExperts = 12

  private func routers(width: Int?) -> [String] {
    let routed = report.layers.compactMap { layer in layer.router.map { (layer, $0) } }
    guard !routed.isEmpty else { return [] }
    var table = Table([
      ("layer", .right), ("entropy", .right), ("even", .right), ("near-ties", .right),
      ("load of experts, %", .left),
    ])
    for (layer, router) in routed {
      let load = router.load.map { ($0 * 100).fixedText(0) }
      let least = ((router.load.min() ?? 0) * 100).fixedText(2)
      let most = ((router.load.max() ?? 0) * 100).fixedText(2)
      table.add([
        "\(layer.index)", router.entropy.shortText,
        RouterStatistics.evenEntropy(experts: load.count).shortText, "\(router.nearTies)",
        load.count <= Self.listedExperts
          ? load.joined(separator: " ") : "\(least) to \(most) of \(load.count)",
      ])
    }
    return Self.paragraph(table, width: width)
  }

  /// A table below an empty line. Its indent takes from its width.
  private static func paragraph(_ table: Table, width: Int?) -> [String] {
    let indent = "  "
    return [""] + table.lines(width: width.map { $0 - indent.count }).map { indent + $0 }
  }

  /// A share in percent; `-` for a NaN, the share of nothing.
  private static func percent(_ share: Double, _ decimals: Int) -> String {
    share.isNaN ? "-" : (share * 100).fixedText(decimals) + " %"
  }

  private func comparison(width: Int?) -> [String] {
    guard !report.comparison.isEmpty else { return [] }
    // Where the effect of rounding was measured, it takes the column of the absolute error.
    let hasNoise = report.comparison.contains { $0.noise != nil }
    var table = Table([
      ("capture", .left), ("NMSE", .right), (hasNoise ? "relative" : "max error", .right),
      (hasNoise ? "rounding" : "relative", .right), ("", .left),
    ])
    for line in report.comparison {
      table.add([
        line.capture, Self.text(line.nmse),
        Self.text(hasNoise ? line.maxRelativeError : line.maxAbsError),
        Self.text(hasNoise ? line.noise : line.maxRelativeError),
        Self.verdict(line.failed) + (line.referenceIsZero ? ", zero there" : "")
          + (line.capture == report.firstDivergence ? " (first)" : ""),
      ])
    }
    return Self.paragraph(table, width: width)
  }

  /// The verdict as a word for a table. The check says more about the first failure.
  private static func verdict(_ failed: CaptureComparison.Criterion?) -> String {
    switch failed {
    case nil: "ok"
    case .error, .nmse: "DIFFERS"
    case .undetermined: "UNKNOWN"
    case .shape: "SHAPE"
    case .type: "TYPE"
    case .reference: "NO NUMBER"
    }
  }

  /// The number of tensors that are named of those that are no captures.
  private static let listedTensors = 8

  private func notCompared(width: Int?) -> [String] {
    let names = report.notCompared
    let more = names.count - Self.listedTensors
    let text = names.prefix(Self.listedTensors).map { name in
      name.printable + (report.suggestions[name].map { " (did you mean \($0)?)" } ?? "")
    }.joined(separator: ", ")
    return (more > 0 ? text + " and \(more) more" : text)
      .wrapped(label: "  not compared: ", width: width)
  }

  private static func text(_ value: Double?) -> String { value?.shortText ?? "-" }
}
