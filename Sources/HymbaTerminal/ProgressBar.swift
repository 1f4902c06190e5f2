import HymbaFormat

/// A line that shows the progress of long work, with its rate and the time left. It is shown on a terminal
/// only.
package final class ProgressBar {
  private let label: String
  private let total: Int
  private let isShown: Bool
  private let isBytes: Bool
  private let start = ContinuousClock.now
  private var done = 0
  private var lastShown = ContinuousClock.now - .seconds(1)

  /// - Parameters:
  ///   - total: The sum of all amounts that ``advance(by:)`` adds.
  ///   - isBytes: Whether the amounts are bytes, so that the rate can be shown.
  package init(_ label: String, total: Int, isBytes: Bool = true, quiet: Bool) {
    self.label = label
    self.total = max(1, total)
    self.isBytes = isBytes
    self.isShown = Self.canBeShown && !quiet
  }

  /// Adds to the amount that is done.
  package func advance(by amount: Int) { set(done + amount) }

  /// Sets the amount that is done, and shows it at most ten times a second.
  package func set(_ amount: Int) {
    done = amount
    let now = ContinuousClock.now
    guard isShown, now - lastShown > .milliseconds(100) else { return }
    lastShown = now
    // The line must fit the width: a wrapped line could not be overwritten.
    let line = line(elapsed: now - start, width: Terminal.errorWidth ?? 80)
    Terminal.write("\r\u{1B}[K" + line, to: 2)
  }

  /// Removes the line from the terminal.
  package func finish() { if isShown { Self.clearLine() } }

  static func clearLine() { if canBeShown { Terminal.write("\r\u{1B}[K", to: 2) } }

  /// Whether the terminal can overwrite a line.
  private static var canBeShown: Bool {
    Terminal.errorIsTerminal && TerminalSettings.current.hasControls
  }

  /// The line, like `converting [#####·····] 52 %  812 MB/s  0:03 left`. Where it does not fit, the bar becomes
  /// shorter, then is left out, and then the text is cut.
  func line(elapsed: Duration, width: Int) -> String {
    let fraction = min(1, Double(done) / Double(total))
    var text = "\(Int(fraction * 100)) %"
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    if seconds > 0.2, done > 0 {
      let rate = Double(done) / seconds
      if isBytes { text += "  \(Int(rate).byteText)/s" }
      let left = Int((Double(total - min(done, total)) / rate).rounded(.up))
      text += "  \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
    }
    let label = "\(label.printable.prefix(24)) "
    let room = min(24, width - 1 - label.columns - text.columns - 3)
    guard room > 3 else { return String((label + text).prefix(max(0, width - 1))) }
    let filled = Int(fraction * Double(room))
    let bar = String(repeating: "#", count: filled) + String(repeating: "·", count: room - filled)
    return "\(label)[\(bar)] \(text)"
  }
}
