extension String {
  /// The fewest columns for text beside a label. With fewer, the text goes below the label.
  private static let narrowest = 24

  /// The text behind a label, in lines of at most `width` columns. The following lines are indented by the
  /// width of the label. Where that leaves too little room, the text goes below the label. Words are not
  /// broken, so that they can be copied from a terminal.
  ///
  /// - Parameter width: The columns of a line; nil for 80.
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

  /// A finished line, broken into lines of `width` columns as ``wrapped(label:width:)`` does. Its label is the
  /// part that ends with two spaces.
  func fitted(_ width: Int) -> [String] {
    // Styled lines are not broken: their escape sequences take bytes and no columns.
    guard utf8.count > width, columns > width, !utf8.contains(0x1B) else { return [self] }
    let text = drop { $0 == " " }
    let start = text.firstRange(of: "  ").map { gap in
      self[gap.lowerBound...].firstIndex { $0 != " " } ?? endIndex
    }
    let label = self[..<(start ?? text.startIndex)]
    return String(self[label.endIndex...]).wrapped(label: String(label), width: width)
  }

  /// The words of the text in lines, as many in each as fit into `room` columns.
  private func lines(_ room: Int) -> [String] {
    var lines: [String] = []
    // Empty words are kept, as a path may have two spaces in a row.
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
