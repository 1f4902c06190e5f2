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
      lines += LayerTables(report.layers).lines(width: width) + [""]
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
    if let cause = report.cause?.sentence ?? report.unexplained {
      lines += cause.printable.wrapped(label: "  cause: ", width: width)
    }
    for line in report.comparison {
      guard let agreement = line.top1Agreement, let divergence = line.klDivergence else { continue }
      lines.append(
        "  \(line.capture): same highest score at \(agreement.percentText(2)), KL divergence \(divergence.shortText) nats"
      )
    }
    if let classification = report.classification {
      lines.append(
        "  accuracy \(classification.accuracy.percentText(2)): \(classification.correct) of \(classification.count) classified as labelled"
      )
    }
    lines += tokens
    if let attention = report.attention {
      lines +=
        "layer \(attention.layer), head \(attention.head): \(attention.weights.count) x \(attention.weights.first?.count ?? 0) weights, in --json and --report"
        .wrapped(label: "  attention: ", width: width)
    }
    return lines + notCompared(width: width) + [""] + verdict
  }

  private var nextTokens: [String] {
    guard let next = report.next else { return [] }
    let hasText = next.contains { $0.text != nil }
    var table = Table([("next token", .right), ("probability", .right)] + (hasText ? [("text", .left)] : []))
    for token in next {
      let text = token.text.map { "“\($0.printable)”" } ?? ""
      table.add(["\(token.token)", token.probability.percentText(2)] + (hasText ? [text] : []))
    }
    return [""] + end + table.lines(width: width.map { $0 - 2 }).map { "  " + $0 }
  }

  /// What the next tokens follow, where that is not the whole input.
  private var end: [String] {
    guard let windows = report.tokenScore?.windows, windows.count > 1 else { return [] }
    return ["  behind the last \(windows.length) tokens:"]
  }

  private var head: [String] {
    var lines = [report.source.printable]
    if let input = report.input {
      lines.append(
        "  layout \(report.layout.printable), input \(input.shape) from \(input.origin.printable)")
    }
    if let reference = report.reference, reference.isKept {
      let origin =
        reference.recordedBy.map { ", recorded by \($0)" } ?? reference.file.map { ", from \($0)" } ?? ""
      lines += "kept in \(reference.name)\(origin)\(reference.isStatistics ? ", statistics alone" : "")"
        .printable.wrapped(label: "  reference: ", width: width)
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

  /// The verdict alone, of a report that is complete, below what was asked for of the tokens.
  static func verdict(of report: VerificationReport, width: Int?) -> [String] {
    var text = ForwardReportText(width: width)
    text.report = report
    return text.tokens + text.verdict
  }

  /// The score of the input's tokens, and those that may follow.
  private var tokens: [String] {
    guard let score = report.tokenScore else { return nextTokens }
    let windows = score.windows.map { ["    in \($0.words)"] } ?? []
    return [
      "  next tokens: cross-entropy \(score.crossEntropy.shortText), perplexity \(score.perplexity.shortText), accuracy \(score.accuracy.percentText(2)) of \(score.count)"
    ] + windows + nextTokens
  }

  private var verdict: [String] {
    let notRun = report.checks.filter { $0.outcome == .notRun }.map(\.name)
    let failed = report.checks.filter { $0.outcome == .failed }.map(\.name)
    guard report.passed || !failed.isEmpty else { return ["nothing was checked"] }
    guard report.passed else {
      return [Terminal.styled("failed: ", .red) + failed.joined(separator: ", ")]
    }
    let coverage = report.coverage.map { "; \($0)" } ?? ""
    return notRun.isEmpty
      ? [Terminal.styled("passed", .green) + coverage]
      : "what was run passed\(coverage); not run: \(notRun.joined(separator: ", "))".wrapped(
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
    return table.paragraph(width: width)
  }

  /// The verdict as a word for a table. The check says more about the first failure.
  private static func verdict(_ failed: CaptureComparison.Criterion?) -> String {
    switch failed {
    case nil: "ok"
    case .error: "ERROR"
    case .nmse: "NMSE"
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
