import FoundationEssentials
import HymbaFormat
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The one place that prints. All texts pass ``OutputGate``, because names of files and tensors, texts in files
/// and arguments come from outside.
package enum Terminal {
  /// The version of the suite.
  package static let version = "0.1.0"

  static let errorIsTerminal = isatty(STDERR_FILENO) == 1
  static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

  /// Prints a line of the result. On a terminal, a line that is too long is broken into several.
  package static func show(_ line: String = "") { show(lines: [line]) }

  /// Prints lines of the result with one write. One call for each line would be slow for a hundred thousand
  /// lines.
  package static func show(lines: [String]) {
    let lines = lines.map { OutputGate.line($0, isStyled: isStyled) }.fitted(width)
    write(lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
  }

  /// Prints a text of several lines to standard output.
  package static func show(text: String) {
    write(OutputGate.text(text) + "\n", to: STDOUT_FILENO)
  }

  /// Prints a part of a text to standard output at once, without a line break behind it. Tabs are kept.
  package static func show(part: String) {
    write(OutputGate.text(part, keepingTabs: true), to: STDOUT_FILENO)
  }

  /// Prints the result as JSON, indented and with sorted keys.
  ///
  /// - Throws: What encoding the value throws.
  package static func show(json value: some Encodable) throws {
    show(document: try document(value))
  }

  /// The text of a value as JSON, indented and with sorted keys, for a file.
  ///
  /// - Throws: What encoding the value throws.
  package static func document(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  /// Prints a JSON document as the result.
  package static func show(document: some Sequence<UInt8>) {
    let text = OutputGate.json(String(decoding: Array(document), as: UTF8.self))
    write((TerminalSettings.current.isUTF8 ? text : text.jsonInASCII) + "\n", to: STDOUT_FILENO)
  }

  /// Prints a line to standard error: a warning, or what was done.
  package static func note(_ line: String) {
    ProgressBar.clearLine()
    let lines = [OutputGate.line(line)].fitted(errorWidth)
    write(lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
  }

  /// A style of text. It is shown only on a terminal that has styles, and never where NO_COLOR is set.
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

  /// Whether a part of the result was lost, as on a full disk or a closed stream. A reader that has closed the
  /// pipe, such as `head`, does not count: it wanted no more.
  package static var isOutputLost: Bool { outputIsLost.load(ordering: .relaxed) }
  private static let outputIsLost = Atomic(false)

  /// Whether no more of the result arrives: a part was lost, or its reader has closed the pipe.
  package static var isOutputOver: Bool { isOutputLost || outputIsClosed.load(ordering: .relaxed) }
  private static let outputIsClosed = Atomic(false)

  /// Writes all of a text to a descriptor, in ASCII where the locale is not UTF-8. Standard output ends with the first
  /// part that cannot be written, so that nothing is missing within a result.
  static func write(_ text: String, to descriptor: Int32) {
    guard descriptor != STDOUT_FILENO || !isOutputOver else { return }
    let bytes = Array((TerminalSettings.current.isUTF8 ? text : text.inASCII).utf8)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBufferPointer { buffer in
        // The rest of the buffer, from `done` on.
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        if descriptor == STDOUT_FILENO {
          if errno == EPIPE {
            outputIsClosed.store(true, ordering: .relaxed)
          } else {
            outputIsLost.store(true, ordering: .relaxed)
          }
        }
        return
      }
      done += count
    }
  }
}

extension String {
  /// A count with its noun, which gets a plural s unless the count is 1: `counted(2, "tensor")` is `2 tensors`.
  package static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The text with spaces behind it, up to `width` columns.
  package func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - columns))
  }
}
