import HymbaFormat

/// A line that shows how far a long work is, with rate and time left; on a terminal only.
public final class ProgressBar {
  private let label: String
  private let total: Int
  private let isShown: Bool
  private let isBytes: Bool
  private let start = ContinuousClock.now
  private var done = 0
  private var lastShown = ContinuousClock.now - .seconds(1)

  /// - Parameters:
  ///   - total: What ``advance(by:)`` adds up to.
  ///   - isBytes: Whether the amounts are bytes, to be shown as such.
  public init(_ label: String, total: Int, isBytes: Bool = true, quiet: Bool) {
    self.label = label
    self.total = max(1, total)
    self.isBytes = isBytes
    self.isShown = Terminal.errorIsTerminal && !quiet
  }

  public func advance(by amount: Int) { set(done + amount) }

  public func set(_ amount: Int) {
    done = amount
    let now = ContinuousClock.now
    guard isShown, now - lastShown > .milliseconds(100) else { return }
    lastShown = now
    Terminal.write("\r\u{1B}[K" + line(elapsed: now - start), to: 2)
  }

  /// Removes the line.
  public func finish() { if isShown { Self.clearLine() } }

  static func clearLine() { if Terminal.errorIsTerminal { Terminal.write("\r\u{1B}[K", to: 2) } }

  /// `converting [#####·····]  52 %  812 MB/s  0:03 left`
  func line(elapsed: Duration) -> String {
    let fraction = min(1, Double(done) / Double(total))
    let filled = Int(fraction * 24)
    let bar = String(repeating: "#", count: filled) + String(repeating: "·", count: 24 - filled)
    var text = "\(label.printable.prefix(24)) [\(bar)] \(Int(fraction * 100)) %"
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    guard seconds > 0.2, done > 0 else { return text }
    let rate = Double(done) / seconds
    if isBytes { text += "  \(Int(rate).byteText)/s" }
    let left = Int((Double(total - min(done, total)) / rate).rounded(.up))
    return text + "  \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
  }
}
