import FoundationEssentials
import HymbaFormat
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The one place that prints. What it prints passes ``OutputGate``: names of files and tensors, texts in them
/// and arguments come from outside.
package enum Terminal {
  /// The version of the suite.
  package static let version = "0.1.0"

  static let errorIsTerminal = isatty(STDERR_FILENO) == 1
  static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

  /// A line of the result; on a terminal in several when it is too long for one.
  package static func show(_ line: String = "") { show(lines: [line]) }

  /// Lines of the result, in one piece: a line a call takes long for a hundred thousand.
  package static func show(lines: [String]) {
    let lines = lines.map { OutputGate.line($0, isStyled: isStyled) }.fitted(width)
    write(lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
  }

  /// A text of several lines.
  package static func show(text: String) {
    write(OutputGate.text(text) + "\n", to: STDOUT_FILENO)
  }

  /// The result as JSON: sorted keys, indented.
  package static func show(json value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    show(document: try encoder.encode(value))
  }

  /// A JSON document as the result.
  package static func show(document: some Sequence<UInt8>) {
    let text = OutputGate.json(String(decoding: Array(document), as: UTF8.self))
    write((TerminalSettings.current.isUTF8 ? text : text.jsonInASCII) + "\n", to: STDOUT_FILENO)
  }

  /// A line beside the result: a warning, or what was done.
  package static func note(_ line: String) {
    ProgressBar.clearLine()
    let lines = [OutputGate.line(line)].fitted(errorWidth)
    write(lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
  }

  /// The same with several lines.
  static func note(text: String) { write(OutputGate.text(text) + "\n", to: STDERR_FILENO) }

  /// Colours, on a terminal that has them only and never where NO_COLOR is set.
  package enum Style: String, CaseIterable, Sendable {
    case bold = "1"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"
  }

  /// The text in a style, for standard output.
  package static func styled(_ text: String, _ style: Style) -> String {
    isStyled ? OutputGate.styled(text, style) : text
  }

  private static let isStyled = outputIsTerminal && TerminalSettings.current.hasStyles

  /// Whether something shown did not arrive: a full disk, a closed stream. A reader that went away, such as
  /// `head`, wanted no more.
  static var isOutputLost: Bool { outputIsLost.load(ordering: .relaxed) }
  private static let outputIsLost = Atomic(false)

  static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array((TerminalSettings.current.isUTF8 ? text : text.inASCII).utf8)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBufferPointer { buffer in
        // The rest of the buffer, from `done` on.
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        if descriptor == STDOUT_FILENO, errno != EPIPE {
          outputIsLost.store(true, ordering: .relaxed)
        }
        return
      }
      done += count
    }
  }
}

extension String {
  /// The text with a plural s unless there is one of it: `counted(2, "tensor")` is `2 tensors`.
  package static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The text with spaces behind it, up to `width` characters.
  package func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - columns))
  }
}
