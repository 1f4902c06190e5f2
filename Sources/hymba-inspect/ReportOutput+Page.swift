import HymbaReport
import HymbaTerminal

extension [ReportOutput] {
  /// Writes a page, or the same in Markdown, to each file.
  ///
  /// - Parameter page: Makes the page. It is called only where there is a file.
  func write(_ page: (_ maker: String) -> Page) throws {
    guard !isEmpty else { return }
    let page = page("hymba-inspect \(Terminal.version)")
    for output in self {
      try output.write { form in
        switch form {
        case .html: try page.html()
        case .markdown: page.markdown
        }
      }
    }
  }
}
