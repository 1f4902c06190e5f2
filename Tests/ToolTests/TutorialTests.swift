import Foundation
import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

/// The pages whose commands are run as they stand, and whose output must be what the page shows.
@Suite("Tutorials")
struct TutorialTests {
  @Test(
    "every example of a page prints what the page shows, but for the size of rounding errors",
    arguments: try Tutorial.pages)
  func examples(_ page: Tutorial) throws {
    let outputs = try page.run()
    try #require(outputs.count == page.commands.count)
    for ((command, expected), output) in zip(page.commands, outputs) {
      let (masked, shown) = (output.map(Tutorial.masked), expected.map(Tutorial.masked))
      #expect(
        Tutorial.shows(shown[...], masked[...]), "\(command)\n\(output.joined(separator: "\n"))")
    }
  }

  @Test("pages with examples are found, and their commands are")
  func pages() throws {
    let counts = Dictionary(
      uniqueKeysWithValues: try Tutorial.pages.map { ($0.name, $0.commands.count) })
    for (name, count) in [
      ("README.md", 3), ("docs/convert.md", 5), ("docs/inspect.md", 6), ("docs/verify.md", 7),
      ("docs/layouts.md", 20), ("docs/audit.md", 2), ("docs/causes.md", 3),
    ] {
      #expect(counts[name] ?? 0 >= count, "\(name)")
    }
  }

  @Test(
    "every command of a tool that a page names is one that the tool understands",
    arguments: try Tutorial.all)
  func namedCommands(_ page: Tutorial) throws {
    let folder = try TemporaryFolder()
    for command in page.namedCommands {
      // The files are not there, which is told only when the command line is understood.
      let run = try ToolProcess(
        shell: "cd \"$1\" && PATH=$(dirname \"$0\"):$PATH && \(command)", "hymba-convert",
        arguments: [folder.path])
      #expect(run.status != 64 && run.status != 127, "\(command): \(run.errors)")
    }
  }

  @Test("every rule that the page on layouts shows is a rule of the layout")
  func rules() throws {
    let plum = try InputFile.contents(of: Fixture.path("user-layout", "plum.json"), limit: 1 << 20)
    // Shared blocks are shown by the rules of the one layout that has several.
    let zamba2 = try LayoutCatalog.layout("hf-zamba2").rules.map { rule in
      [rule.from, rule.to ?? []]
    }
    let lines = Set(
      String(decoding: plum, as: UTF8.self).split(separator: "\n").map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " ,"))
      })
    let rules = try Tutorial("docs/layouts.md").lines.filter { $0.hasPrefix(#"{"from""#) }
    #expect(rules.count > 8)
    for rule in rules {
      let shown = try JSONDecoder().decode(Layout.Rule.self, from: Data(rule.utf8))
      #expect(lines.contains(rule) || zamba2.contains([shown.from, shown.to ?? []]), "\(rule)")
    }
  }

  @Test("three dots stand for any lines, and everything else for itself")
  func dots() {
    for (expected, output, fits) in [
      (["a", "...", "c"], ["a", "b", "b", "c"], true), (["a", "..."], ["a"], true),
      (["a", "...", "c"], ["a", "c", "d"], false), (["a"], ["a", "b"], false), ([], ["a"], false),
    ] {
      #expect(Tutorial.shows(expected[...], output[...]) == fits)
    }
  }
}
