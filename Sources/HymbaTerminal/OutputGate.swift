import HymbaFormat

/// What every text passes before it is printed: characters that are not seen are spelled out. Among them are
/// those that begin a command to the terminal, those that reorder a line, and tags that hide a text in another.
///
/// The one exception is a style of ``Terminal``, which is marked by characters that no text has (Unicode keeps
/// them for use within a program) until it leaves.
enum OutputGate {
  /// The first mark ends a style; the next ones begin those of `Style.allCases`, in order.
  private static let marks: ClosedRange<UInt32> = 0xFDD0...0xFDEF

  /// The text between the marks of a style.
  static func styled(_ text: String, _ style: Terminal.Style) -> String {
    let position = Terminal.Style.allCases.firstIndex(of: style) ?? 0
    guard let begin = Unicode.Scalar(marks.lowerBound + 1 + UInt32(position)),
      let end = Unicode.Scalar(marks.lowerBound)
    else { return text }
    return "\(begin)\(text.escaping(spelled))\(end)"
  }

  /// - Parameter isStyled: Whether marks become the terminal's sequences; they are spelled out otherwise.
  static func line(_ text: String, isStyled: Bool = false) -> String {
    text.escaping { scalar in
      guard isStyled, marks.contains(scalar.value) else { return spelled(scalar) }
      let position = Int(scalar.value - marks.lowerBound)
      guard position > 0 else { return "\u{1B}[0m" }
      guard position <= Terminal.Style.allCases.count else { return spelled(scalar) }
      return "\u{1B}[\(Terminal.Style.allCases[position - 1].rawValue)m"
    }
  }

  /// A text of several lines.
  static func text(_ text: String) -> String { text.escaping(keeping: { $0 == "\n" }, spelled) }

  /// JSON of the same value: outside of its strings only line breaks are not seen.
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
