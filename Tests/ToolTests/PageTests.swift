import Foundation
import HymbaFormat
import TestSupport
import Testing

/// What the pages say of other files.
@Suite("Pages")
struct PageTests {
  /// The README, the pages of docs/ and those beside the schemas, as paths in the checkout.
  private static let pages: [String] =
    ["README.md"]
    + ["docs", "Schemas"].flatMap { folder in
      (try? FileManager.default.contentsOfDirectory(atPath: Fixture.root + "/" + folder))
        .map { $0.sorted().filter { $0.hasSuffix(".md") }.map { folder + "/" + $0 } } ?? []
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

  @Test("every link leads to a file and a heading that are there", arguments: pages)
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

  @Test("every script that a page tells to run is there", arguments: pages)
  func scripts(_ page: String) throws {
    let text = try Self.text(Fixture.root + "/" + page)
    let named = text.matches(of: /(?:scripts\/[a-z-]+|[A-Za-z0-9\/_]+\.py)\b/).map { String($0.0) }
    for script in named {
      let places = ["", "Tests/Fixtures/"].map { Fixture.root + "/" + $0 + script }
      #expect(places.contains { FileManager.default.fileExists(atPath: $0) }, "\(script)")
    }
  }

  @Test("no page names a folder of somebody's machine", arguments: pages)
  func paths(_ page: String) throws {
    let text = try Self.text(Fixture.root + "/" + page)
    #expect(text.firstMatch(of: /(?<![A-Za-z0-9.])\/(?:home|Users|root|work|tmp|opt)\//) == nil)
  }

  @Test("every page of docs/ is in the index")
  func index() throws {
    let index = try Self.text(Fixture.root + "/docs/README.md")
    for page in Self.pages where page.hasPrefix("docs/") && page != "docs/README.md" {
      #expect(index.contains("(" + page.dropFirst(5) + ")"), "\(page)")
    }
  }
}
