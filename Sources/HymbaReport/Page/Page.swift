import Mustache

/// A report as an HTML page that needs no other file: no network, no script.
///
/// All texts may come from files of strangers. The page escapes them and shows invisible characters as
/// `\u{…}`.
package struct Page {
  package var title: String
  /// The result in a few words, above everything else; nil where there is none.
  package var verdict: Verdict?
  package var sections: [Section]
  /// What made the page, such as `hymba-verify 0.1.0`.
  package var maker: String

  package init(
    title: String, verdict: Verdict? = nil, _ sections: [Section], maker: String
  ) {
    self.title = title
    self.verdict = verdict
    self.sections = sections
    self.maker = maker
  }

  /// - Throws: The error of a template that cannot be read.
  package func html() throws -> String {
    PageText.register()
    let template = try MustacheTemplate(
      string: String(decoding: PackageResources.page_mustache, as: UTF8.self))
    return template.render(PageContext(self))
  }
}

/// A result in words. Its tone gives it a colour and a sign.
package struct Verdict: Sendable {
  package var text: String
  package var tone: Tone

  package init(_ text: String, _ tone: Tone) {
    self.text = text
    self.tone = tone
  }
}

package enum Tone: String, Sendable {
  case good, warning, bad, plain
}

/// A part of a page with a heading.
package struct Section: Sendable {
  package var heading: String
  package var blocks: [Block]

  package init(_ heading: String, _ blocks: [Block]) {
    self.heading = heading
    self.blocks = blocks
  }
}

/// What a section holds.
package enum Block: Sendable {
  case paragraph(String)
  /// Names with a text each.
  case facts([Fact])
  /// Pictures, side by side where there is room.
  case pictures([Picture])
  case table(ReportTable)
  /// A table that is unfolded on demand.
  case foldedTable(ReportTable)
}

/// A name with its texts, such as “layout” with “hymba”.
package struct Fact: Sendable {
  package var name: String
  package var texts: [String]

  package init(_ name: String, _ texts: String...) {
    self.init(name, texts)
  }

  package init(_ name: String, _ texts: [String]) {
    self.name = name
    self.texts = texts
  }
}
