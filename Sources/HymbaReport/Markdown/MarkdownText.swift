import HymbaFormat

/// Texts in Markdown as code hosts show it. What a file says must not become a link, a mention, a reference
/// or markup.
enum MarkdownText {
  /// The text as code, on one line.
  static func code(_ text: String) -> String {
    let text = text.printable
    guard !text.isEmpty else { return "(empty)" }
    let runs = text.split { $0 != "`" }.map(\.count)
    let fence = String(repeating: "`", count: (runs.max() ?? 0) + 1)
    // A space at each end is removed again, and keeps a backtick of the text apart from the fence.
    let needsSpace =
      text.hasPrefix("`") || text.hasSuffix("`") || text.hasPrefix(" ") && text.hasSuffix(" ")
    let padding = needsSpace ? " " : ""
    // A table ends its cell even within code, except at an escaped bar.
    return fence + padding + text.replacing("|", with: "\\|") + padding + fence
  }

  /// The text as prose. Words that a code host would link become code.
  static func prose(_ text: String) -> String {
    text.printable.split(separator: " ", omittingEmptySubsequences: false)
      .map { isLinked($0) ? code(String($0)) : escaped($0) }.joined(separator: " ")
  }

  /// Whether a code host makes a link of the word: a mention, a number of an issue, an address or a commit.
  private static func isLinked(_ word: Substring) -> Bool {
    if word.unicodeScalars.contains(where: { "@#$".unicodeScalars.contains($0) }) { return true }
    let lower = word.lowercased()
    if lower.contains("://") || lower.contains("www.") || lower.contains("gh-") { return true }
    let runs = lower.split { !($0.isHexDigit && $0.isASCII) }
    // The name of a commit has seven hexadecimal digits or more, with a letter in all likelihood.
    return runs.contains { $0.count >= 7 && $0.contains(where: \.isNumber) }
  }

  private static func escaped(_ word: Substring) -> String {
    var result = ""
    for scalar in word.unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\\", "`", "*", "_", "[", "]", "|", "~", "!": result += "\\\(scalar)"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension ReportTable {
  /// The table in Markdown.
  ///
  /// - Parameter codeColumns: The columns whose texts are names, shown as code.
  func markdown(codeColumns: Set<Int> = []) -> String {
    let head = columns.map { MarkdownText.prose($0.title) }
    let rule = columns.map { $0.isNumber ? "---:" : "---" }
    let body = rows.map { row in
      row.enumerated().map { index, cell in
        codeColumns.contains(index) ? MarkdownText.code(cell.text) : MarkdownText.prose(cell.text)
      }
    }
    return ([head, rule] + body).map { "| " + $0.joined(separator: " | ") + " |" }.joined(
      separator: "\n")
  }
}
