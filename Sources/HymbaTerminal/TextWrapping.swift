extension String {
  /// Columns of text beside a label, below which it goes under the label.
  private static let narrowest = 24

  /// The text behind a label, in lines of at most `width` columns; the following lines are indented as deep as
  /// the label is wide. Where that leaves not enough room, the text goes below the label. Words are not broken,
  /// so that what is copied from a terminal stays whole.
  package func wrapped(label: String, width: Int?) -> [String] {
    guard !isEmpty else { return [] }
    let width = width ?? 80
    let indent = Swift.min(label.prefix { $0 == " " }.count, 2) + 4
    let longest = split(separator: " ").map(\.columns).max() ?? 0
    let room = width - label.columns
    let isBeside = room >= Self.narrowest && (longest <= room || longest > width - indent)
    guard isBeside || label.columns <= indent else {
      let title = label.trimmingTrailingSpaces()
      return (title.isEmpty ? [] : [title])
        + lines(width - indent).map { String(repeating: " ", count: indent) + $0 }
    }
    return lines(room).enumerated().map { line, text in
      (line == 0 ? label : String(repeating: " ", count: label.columns)) + text
    }
  }

  /// A finished line in as many as `width` asks for, broken as ``wrapped(label:width:)`` does. What ends with two
  /// spaces is its label.
  func fitted(_ width: Int) -> [String] {
    // Styles take bytes and no columns.
    guard utf8.count > width, columns > width, !utf8.contains(0x1B) else { return [self] }
    let text = drop { $0 == " " }
    let start = text.firstRange(of: "  ").map { gap in
      self[gap.lowerBound...].firstIndex { $0 != " " } ?? endIndex
    }
    let label = self[..<(start ?? text.startIndex)]
    return String(self[label.endIndex...]).wrapped(label: String(label), width: width)
  }

  /// The words, as many in a line as fit.
  private func lines(_ room: Int) -> [String] {
    var lines: [String] = []
    // With empty words, as a path may have two spaces in a row.
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      if let last = lines.last, last.columns + 1 + word.columns <= room {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  func trimmingTrailingSpaces() -> String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
