import HymbaFormat

/// The filter that every text passes before it is printed. It spells out characters that are not seen. Among
/// them are those that begin a command to the terminal, those that reorder a line, and tags that hide one text
/// in another.
///
/// The one exception is a ``Terminal/Style``. Until a line is printed, styles are marked by characters that no
/// text has: Unicode reserves them for use within a program.
enum OutputGate {
  /// The marks of styles. The first one ends a style. The next ones begin the styles of `Style.allCases`, in
  /// order.
  private static let marks: ClosedRange<UInt32> = 0xFDD0...0xFDEF

  /// The filtered text between the marks of a style.
  static func styled(_ text: String, _ style: Terminal.Style) -> String {
    let position = Terminal.Style.allCases.firstIndex(of: style) ?? 0
    guard let begin = Unicode.Scalar(marks.lowerBound + 1 + UInt32(position)),
      let end = Unicode.Scalar(marks.lowerBound)
    else { return text }
    return "\(begin)\(text.escaping(spelled))\(end)"
  }

  /// A filtered line.
  ///
  /// - Parameter isStyled: Whether marks of styles become the terminal's escape sequences. Otherwise they are
  ///   spelled out.
  static func line(_ text: String, isStyled: Bool = false) -> String {
    text.escaping { scalar in
      guard isStyled, marks.contains(scalar.value) else { return spelled(scalar) }
      let position = Int(scalar.value - marks.lowerBound)
      guard position > 0 else { return "\u{1B}[0m" }
      guard position <= Terminal.Style.allCases.count else { return spelled(scalar) }
      return "\u{1B}[\(Terminal.Style.allCases[position - 1].rawValue)m"
    }
  }

  /// A filtered text of several lines.
  static func text(_ text: String, keepingTabs: Bool = false) -> String {
    text.escaping(keeping: { $0 == "\n" || (keepingTabs && $0 == "\t") }, spelled)
  }

  /// Filtered JSON of the same value. Characters that are not seen become `\u` escapes, as they only occur
  /// within strings. Line breaks, which occur outside of strings, are kept.
  static func json(_ text: String) -> String {
    text.escaping(keeping: { $0 == "\n" }) { scalar in
      String(scalar).utf16.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined()
    }
  }

  private static func spelled(_ scalar: Unicode.Scalar) -> String { String(scalar).printable }
}
