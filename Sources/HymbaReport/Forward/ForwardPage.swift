package import HymbaVerification

/// The report of `hymba-verify forward` as a page: the verdict and the checks, what was verified, then
/// pictures of what the model computed. A section appears only where the model has what it shows.
package struct ForwardPage {
  private let report: VerificationReport
  private let maker: String

  /// - Parameter maker: The tool and its version.
  package init(_ report: VerificationReport, maker: String) {
    self.report = report
    self.maker = maker
  }

  package var page: Page {
    let facts = ForwardFacts(report)
    let layers = LayerFigures(report)
    let sections = [
      Section("Checks", [.table(facts.checks)]),
      Section("What was verified", [.facts(facts.facts)]),
      ComparisonSection(report.comparison).section, layers.gates, layers.fusions, layers.branches,
      layers.residuals, layers.stream, AttentionSection(report).section, layers.routers,
    ]
    return Page(
      title: "Verification of \(SourceName.short(report.source))", verdict: facts.verdict,
      sections.compactMap(\.self),
      maker: maker)
  }
}
