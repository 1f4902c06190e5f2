import Mustache

/// An HTML page that needs no other file.
package struct Page {
  package var title: String
  /// The markup of the page's content.
  package var body: String

  package init(title: String, body: String) {
    self.title = title
    self.body = body
  }

  /// - Throws: The error of a template that cannot be read.
  package func html() throws -> String {
    let template = try MustacheTemplate(
      string: String(decoding: PackageResources.page_mustache, as: UTF8.self))
    return template.render(["title": title, "body": body])
  }
}
