extension Page {
  /// The page in Markdown, without its pictures. Long tables are folded.
  package var markdown: String {
    var blocks = ["## \(MarkdownText.prose(title))"]
    if let verdict { blocks.append("**\(MarkdownText.prose(verdict.text))**") }
    for section in sections {
      let texts = section.blocks.compactMap(\.markdown)
      // A section of pictures alone has nothing to say here.
      if !texts.isEmpty { blocks += ["### \(MarkdownText.prose(section.heading))"] + texts }
    }
    blocks.append("Made by \(MarkdownText.prose(maker)).")
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }
}

extension Block {
  /// The longest table that is not folded.
  private static let shownRows = 24

  fileprivate var markdown: String? {
    switch self {
    case .paragraph(let text): MarkdownText.prose(text)
    case .facts(let facts):
      facts.map { fact in
        let texts = fact.texts.map(MarkdownText.prose)
        let name = "- \(MarkdownText.prose(fact.name)):"
        return texts.count == 1 ? "\(name) \(texts[0])" : ([name] + texts.map { "  - \($0)" }).joined(separator: "\n")
      }.joined(separator: "\n")
    case .pictures: nil
    case .table(let table): table.rows.count > Self.shownRows ? Self.folded(table) : table.markdown(codeColumns: [])
    case .foldedTable(let table): Self.folded(table)
    }
  }

  private static func folded(_ table: ReportTable) -> String {
    "<details>\n<summary>\(MarkdownText.prose(table.caption))</summary>\n\n\(table.markdown(codeColumns: []))\n\n</details>"
  }
}
