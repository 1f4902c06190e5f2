import FoundationEssentials

/// The settings of the terminal in the environment: what may be written to it, and how wide it is.
struct TerminalSettings: Sendable {
  /// Whether text may be UTF-8: true unless the environment sets another locale.
  let isUTF8: Bool
  /// Whether lines can be overwritten and styled: true unless TERM is `dumb`.
  let hasControls: Bool
  /// Whether text may be styled: false where NO_COLOR has a value, and where `hasControls` is false.
  let hasStyles: Bool
  /// The width that COLUMNS gives, from 1 to 10,000; nil for none.
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
