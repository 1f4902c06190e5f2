import FoundationEssentials

/// What the environment says of the terminal: what may be written to it, and how wide it is.
struct TerminalSettings: Sendable {
  /// Whether text is in UTF-8. A locale that nothing sets is none that forbids it.
  let isUTF8: Bool
  /// Whether lines can be overwritten and styled: not on `TERM=dumb`.
  let hasControls: Bool
  /// Whether text may be styled: not where NO_COLOR is set to anything.
  let hasStyles: Bool
  /// Columns that the user asks for.
  let columns: Int?

  static let current = Self(ProcessInfo.processInfo.environment)

  init(_ environment: [String: String]) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    let locale = (value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG"))?.lowercased()
    self.isUTF8 = locale.map { $0.contains("utf-8") || $0.contains("utf8") } ?? true
    self.hasControls = value("TERM") != "dumb"
    self.hasStyles = hasControls && value("NO_COLOR") == nil
    self.columns = value("COLUMNS").flatMap { Int($0) }.flatMap { (1...10_000).contains($0) ? $0 : nil }
  }
}
