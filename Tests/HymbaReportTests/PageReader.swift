import Foundation
import FoundationXML
import HymbaReport
import Testing

/// What a reader of XML finds on a page.
final class PageReader: NSObject, XMLParserDelegate {
  private(set) var counts: [String: Int] = [:]
  private(set) var headings: [String] = []
  private(set) var links: [String] = []
  private(set) var ids: [String] = []
  /// Pictures without a title or a description.
  private(set) var unexplained = 0
  private var path: [String] = []
  private var picture: Set<String> = []

  /// Reads a page. It is an issue of the test if the page is not well formed.
  init(_ html: String, sourceLocation: SourceLocation = #_sourceLocation) {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    #expect(
      parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))",
      sourceLocation: sourceLocation)
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?,
    attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
    if path.last == "svg", name == "title" || name == "desc" { picture.insert(name) }
    if name == "svg" { picture = attributes["role"] == "img" ? ["img"] : [] }
    if ["h1", "h2", "h3"].contains(name) { headings.append(name) }
    if let id = attributes["id"] { ids.append(id) }
    links += ["href", "src", "xlink:href"].compactMap { attributes[$0] }
    path.append(name)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    path.removeLast()
    if name == "svg", picture != ["img", "title", "desc"] { unexplained += 1 }
  }
}
