import HymbaReport
import HymbaTerminal
import HymbaVerification

extension ReportOutput {
  /// Writes what a forward pass found.
  func write(_ report: VerificationReport) throws {
    let maker = "hymba-verify \(Terminal.version)"
    try write { form in
      switch form {
      case .html: try ForwardPage(report, maker: maker).page.html()
      case .markdown: ForwardMarkdown(report, maker: maker).text
      }
    }
  }
}
