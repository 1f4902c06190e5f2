extension String {
  /// The text behind a label, in lines of at most `width` columns; the following lines are indented as
  /// deep as the label is wide.
  public func wrapped(label: String, width: Int?) -> [String] {
    let room = max(20, (width ?? 80) - label.columns)
    var lines: [String] = []
    for word in split(separator: " ") {
      if let last = lines.last, last.columns + 1 + word.count <= room {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    let indent = String(repeating: " ", count: label.columns)
    return lines.enumerated().map { ($0 == 0 ? label : indent) + $1 }
  }
}
