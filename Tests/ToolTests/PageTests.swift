import Foundation
import HymbaFormat
import TestSupport
import Testing

/// What the pages say of other files.
@Suite("Pages")
struct PageTests {
  /// The README, the pages of docs/ and those beside the schemas, as paths in the checkout.
  private static var pages: [String] {
    get throws {
      var pages = ["README.md"]
      for folder in ["docs", "Schemas"] {
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.root + "/" + folder)
        pages += names.sorted().filter { $0.hasSuffix(".md") }.map { folder + "/" + $0 }
      }
      return pages
    }
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try InputFile.contents(of: path, limit: 1 << 20), as: UTF8.self)
  }

  /// The names under which a code host shows the headings of a page.
  private static func anchors(_ text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").filter { $0.wholeMatch(of: /#+ .*/) != nil }.map { line in
        line.drop { $0 == "#" }.dropFirst().lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
          .replacing(" ", with: "-")
      })
  }

  @Test("every link leads to a file and a heading that are there", arguments: try pages)
  func links(_ page: String) throws {
    let text = try Self.text(Fixture.root + "/" + page)
    let folder = URL(filePath: Fixture.root + "/" + page).deletingLastPathComponent()
    for link in text.matches(of: /\]\(([^)]+)\)/).map({ String($0.1) }) where !link.hasPrefix("http") {
      let parts = link.split(separator: "#", omittingEmptySubsequences: false)
      let path = parts[0].isEmpty ? Fixture.root + "/" + page : folder.appending(path: parts[0]).path
      #expect(FileManager.default.fileExists(atPath: path), "\(link)")
      if parts.count > 1 {
        #expect(Self.anchors(try Self.text(path)).contains(String(parts[1])), "\(link)")
      }
    }
  }

  @Test("every script that a page tells to run is there", arguments: try pages)
  func scripts(_ page: String) throws {
    let text = try Self.text(Fixture.root + "/" + page)
    let named = text.matches(of: /(?:scripts\/[a-z-]+|[A-Za-z0-9\/_]+\.py)\b/).map { String($0.0) }
    for script in named {
      let places = ["", "Tests/Fixtures/", "samples/python/"].map { Fixture.root + "/" + $0 + script }
      #expect(places.contains { FileManager.default.fileExists(atPath: $0) }, "\(script)")
    }
  }

  @Test("no page names a folder of somebody's machine", arguments: try pages)
  func paths(_ page: String) throws {
    let text = try Self.text(Fixture.root + "/" + page)
    #expect(text.firstMatch(of: /(?:^|[\s"'`(])\/(?:home|Users|root|work|tmp|opt)\//.anchorsMatchLineEndings()) == nil)
  }

  @Test("every page of docs/ is in the index")
  func index() throws {
    let index = try Self.text(Fixture.root + "/docs/README.md")
    for page in try Self.pages where page.hasPrefix("docs/") && page != "docs/README.md" {
      #expect(index.contains("(" + page.dropFirst(5) + ")"), "\(page)")
    }
  }
}
