import HymbaFormat
import HymbaVerification

/// The verdict of a verification, its checks and what was verified, in words.
struct ForwardFacts {
  private let report: VerificationReport

  init(_ report: VerificationReport) { self.report = report }

  var verdict: Verdict {
    let failed = names(.failed)
    let notJudged = names(.notJudged)
    let warned = names(.warned)
    let notRun = names(.notRun)
    let tail =
      (report.coverage.map { " \($0.prefix(1).uppercased() + $0.dropFirst())." } ?? "")
      + (notRun.isEmpty ? "" : " Not run: \(notRun.joined(separator: ", ")).")
    guard report.passed else {
      if failed.isEmpty {
        return notJudged.isEmpty
          ? Verdict("Nothing was checked.", .warning)
          : Verdict("Not judged: \(notJudged.joined(separator: ", ")).\(tail)", .warning)
      }
      return Verdict("Failed: \(failed.joined(separator: ", ")).\(tail)", .bad)
    }
    guard warned.isEmpty else {
      return Verdict("Passed, with a warning: \(warned.joined(separator: ", ")).\(tail)", .warning)
    }
    return notRun.isEmpty
      ? Verdict("Passed: all \(report.checks.count) checks.\(tail)", .good)
      : Verdict("What was run passed.\(tail)", .good)
  }

  private func names(_ outcome: Check.Outcome) -> [String] {
    report.checks.filter { $0.outcome == outcome }.map(\.name)
  }

  var checks: ReportTable {
    ReportTable(
      "Each check with its result and what it found",
      [.text("check"), .text("result"), .text("finding")],
      report.checks.map { check in
        let (word, tone) = Self.word(check.outcome)
        return [.init(check.name), .init(word, tone), .init(check.detail)]
      })
  }

  static func word(_ outcome: Check.Outcome) -> (String, Tone) {
    switch outcome {
    case .passed: ("✓ ok", .good)
    case .warned: ("! warning", .warning)
    case .failed: ("✗ failed", .bad)
    case .notJudged: ("? not judged", .plain)
    case .notRun: ("– not run", .plain)
    }
  }

  var facts: [Fact] {
    var facts = [Fact("checkpoint", SourceName.short(report.source)), Fact("layout", report.layout)]
    if let input = report.input { facts.append(Fact("input", Self.sentence(input))) }
    if let reference = report.reference { facts.append(Fact("reference", sentence(reference))) }
    if !report.assumptions.isEmpty { facts.append(Fact("assumed", report.assumptions)) }
    if let first = report.firstDivergence { facts.append(Fact("first divergence", first)) }
    if let cause = report.cause?.sentence ?? report.unexplained {
      facts.append(Fact("cause", cause))
    }
    for line in report.comparison {
      guard let agreement = line.top1Agreement, let divergence = line.klDivergence else { continue }
      facts.append(
        Fact(
          line.capture,
          "the highest score is the same at \(agreement.percentText(2)), and the KL divergence is \(divergence.shortText) nats"
        ))
    }
    if let result = report.classification {
      facts.append(
        Fact(
          "classification",
          "\(result.correct) of \(result.count) classified as labelled, \(result.accuracy.percentText(2))"
        ))
    }
    if let score = report.tokenScore {
      facts.append(
        Fact(
          "next tokens",
          "cross-entropy \(score.crossEntropy.shortText) nats, perplexity \(score.perplexity.shortText), accuracy \(score.accuracy.percentText(2)) of \(score.count)\(score.windows.map { ", in \($0.words)" } ?? "")"
        ))
    }
    return facts + notCompared
  }

  /// The number of tensors that are named of those that are no captures.
  private static let listedTensors = 8

  private var notCompared: [Fact] {
    let names = report.notCompared
    guard !names.isEmpty else { return [] }
    let texts = names.prefix(Self.listedTensors).map { name in
      name + (report.suggestions[name].map { " (did you mean \($0)?)" } ?? "")
    }
    let more = names.count - texts.count
    return [Fact("not compared", texts + (more > 0 ? ["and \(more) more"] : []))]
  }

  private func sentence(_ reference: ReferenceDescription) -> String {
    let place = reference.isKept ? "kept in \(reference.name)" : reference.name
    return
      ([place] + [reference.recordedBy.map { "recorded by \($0)" }, report.coverage].compactMap(\.self))
      .joined(separator: ", ")
  }

  private static func sentence(_ input: InputDescription) -> String {
    let shape = input.shape
    let origin = input.origin == "probe" ? "a fixed probe" : input.origin
    func count(_ number: Int, _ noun: String) -> String {
      "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
    guard shape.count > 1 else { return "\(shape) from \(origin)" }
    let sequences = "\(count(shape[0], "sequence")) of \(count(shape[1], "position"))"
    return shape.count == 3
      ? "\(sequences) with \(count(shape[2], "feature")) each, from \(origin)"
      : "\(sequences) of token ids, from \(origin)"
  }
}
