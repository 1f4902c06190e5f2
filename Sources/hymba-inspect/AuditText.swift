import HymbaFormat
import HymbaInspection
import HymbaTerminal

/// The findings of an audit for people: what was looked at, a line for each finding, and their numbers.
struct AuditText {
  let audit: CheckpointAudit

  init(_ audit: CheckpointAudit) { self.audit = audit }

  /// - Parameters:
  ///   - width: The columns of a line; nil for one line for each finding, however long.
  ///   - quiet: Whether only the numbers of findings are told.
  func lines(width: Int?, quiet: Bool) -> [String] {
    guard !quiet else { return [summary] }
    return [Terminal.styled(audit.source.printable, .bold) + ": " + size]
      + audit.findings.flatMap { lines($0, width) } + [summary]
  }

  private var size: String {
    let files = audit.fileCount == 1 ? "" : " in \(String.counted(audit.fileCount, "file"))"
    let tensors = "\(audit.tensorCount.groupedText) tensor\(audit.tensorCount == 1 ? "" : "s")"
    return "\(tensors) of \(audit.totalBytes.byteText)\(files), \(audit.layout.map { "layout \($0.printable)" } ?? "no known layout")"
  }

  private static let labelWidth = 9

  private func lines(_ finding: Finding, _ width: Int?) -> [String] {
    let label = finding.severity.rawValue.padded(Self.labelWidth)
    let text = "\(finding.subject.printable) \(finding.message.printable)"
    guard let width else { return [styled(label, finding.severity) + text] }
    let wrapped = text.wrapped(label: label, width: width)
    guard let first = wrapped.first, first.hasPrefix(label) else { return wrapped }
    return [styled(label, finding.severity) + first.dropFirst(label.count)] + wrapped.dropFirst()
  }

  private func styled(_ label: String, _ severity: Finding.Severity) -> String {
    switch severity {
    case .error: Terminal.styled(label, .red)
    case .warning: Terminal.styled(label, .yellow)
    case .note: Terminal.styled(label, .dim)
    }
  }

  private var summary: String {
    Finding.Severity.allCases.map { severity in
      String.counted(audit.findings.count { $0.severity == severity }, severity.rawValue)
    }.joined(separator: ", ")
  }
}
