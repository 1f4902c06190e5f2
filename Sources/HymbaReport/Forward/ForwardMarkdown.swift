import HymbaFormat
package import HymbaVerification

/// The report of `hymba-verify forward` in Markdown, short enough for a pull request.
package struct ForwardMarkdown {
  private let report: VerificationReport
  private let maker: String

  /// - Parameter maker: The tool and its version.
  package init(_ report: VerificationReport, maker: String) {
    self.report = report
    self.maker = maker
  }

  package var text: String {
    let facts = ForwardFacts(report)
    var blocks = [
      "## Verification of \(MarkdownText.code(SourceName.short(report.source)))",
      "\(Self.sign(facts.verdict.tone)) **\(MarkdownText.prose(facts.verdict.text))**",
      facts.checks.markdown(),
    ]
    blocks.append(facts.facts.dropFirst().map(Self.line).joined(separator: "\n"))
    if let layers { blocks.append(layers) }
    if !report.comparison.isEmpty {
      let table = ComparisonSection(report.comparison).table
      blocks.append(Self.folded(table, table.markdown(codeColumns: [0])))
    }
    blocks.append("Made by \(MarkdownText.prose(maker)).")
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// A sign for readers who look at many verdicts; the words say the same.
  private static func sign(_ tone: Tone) -> String {
    switch tone {
    case .good: "✅"
    case .warning, .plain: "⚠️"
    case .bad: "❌"
    }
  }

  private static func line(_ fact: Fact) -> String {
    let name = MarkdownText.prose(fact.name)
    guard fact.texts.count > 1 else {
      return "- \(name): \(MarkdownText.prose(fact.texts.first ?? ""))"
    }
    return "- \(name):\n"
      + fact.texts.map { "  - \(MarkdownText.prose($0))" }.joined(separator: "\n")
  }

  private static func folded(_ table: ReportTable, _ markdown: String) -> String {
    "<details>\n<summary>\(MarkdownText.prose(table.caption))</summary>\n\n\(markdown)\n\n</details>"
  }

  /// Longer tables are folded.
  private static let shownLayers = 12

  /// One table of what matters most in each layer.
  private var layers: String? {
    guard !report.layers.isEmpty else { return nil }
    let columns = Self.layerColumns.filter { column in
      report.layers.contains { column.text($0) != nil }
    }
    let table = ReportTable(
      "All \(report.layers.count) layers",
      [.number("layer"), .text("mixer")] + columns.map { .number($0.title) },
      report.layers.map { layer in
        ["\(layer.index)", LayerStatisticsTables.mixer(layer)]
          + columns.map { $0.text(layer) ?? "–" }
      })
    let markdown = table.markdown()
    return report.layers.count > Self.shownLayers ? Self.folded(table, markdown) : markdown
  }

  private static var layerColumns: [(title: String, text: (LayerReport) -> String?)] {
    [
      ("output RMS", { $0.streamRMS.shortText }),
      ("gate mean", { $0.gate?.mean.fixedText(4) }),
      ("gate < 0.05", { $0.gate?.below005.percentText(2) }),
      ("gate > 0.95", { $0.gate?.above095.percentText(2) }),
      ("attention's share", { $0.fusion?.attentionShare.percentText(1) }),
      ("cosine", { $0.fusion.map { $0.cosine.isNaN ? "–" : $0.cosine.fixedText(3) } }),
      ("attention added", { $0.branches?.attentionShare.percentText(1) }),
      ("Mamba added", { $0.branches?.mambaShare.percentText(1) }),
      ("added", { $0.residual?.share.percentText(1) }),
      ("router entropy", { $0.router?.entropy.shortText }),
      ("greatest load", { $0.router?.load.max()?.percentText(1) }),
    ]
  }
}
