import Foundation
import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

/// The pages whose commands are run as they stand, and whose output must be what the page shows.
@Suite("Tutorials")
struct TutorialTests {
  @Test("every command of the page on layouts prints what the page shows")
  func layouts() throws {
    try requireShown("docs/layouts.md", commands: 20)
  }

  @Test("every command of the page on references prints what the page shows")
  func references() throws {
    try requireShown("docs/references.md", commands: 7)
  }

  @Test(
    "every example of the README prints what the README shows, but for the size of rounding errors")
  func readme() throws {
    try requireShown("README.md", commands: 10)
  }

  private func requireShown(_ name: String, commands: Int) throws {
    let page = try Tutorial(name)
    try #require(page.commands.count > commands)
    let outputs = try page.run()
    try #require(outputs.count == page.commands.count)
    for ((command, expected), output) in zip(page.commands, outputs) {
      let (masked, shown) = (output.map(Tutorial.masked), expected.map(Tutorial.masked))
      #expect(
        Tutorial.shows(shown[...], masked[...]), "\(command)\n\(output.joined(separator: "\n"))")
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

/// A page with indented blocks of commands, each behind `$`, on several lines where they end in `\`, and what they
/// print.
private struct Tutorial {
  let lines: [String]
  let commands: [(command: String, output: [String])]

  init(_ page: String) throws {
    let text = try InputFile.contents(of: Fixture.root + "/" + page, limit: 1 << 20)
    lines = String(decoding: text, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    var commands: [(command: String, output: [String])] = []
    var isInside = false
    for line in lines {
      if line.hasPrefix("    $ ") {
        commands.append((String(line.dropFirst(6)), []))
        isInside = true
      } else if isInside, let last = commands.last, last.output.isEmpty,
        last.command.hasSuffix("\\")
      {
        commands[commands.count - 1].command += "\n" + line
      } else if isInside, line.isEmpty || line.hasPrefix("    ") {
        commands[commands.count - 1].output.append(String(line.dropFirst(4)))
      } else {
        isInside = false
      }
    }
    self.commands = commands.map { ($0.command, Self.trimmed($0.output)) }
  }

  /// What each command prints, on either stream, all in one shell and a folder that has the fixtures.
  func run() throws -> [[String]] {
    let folder = try TemporaryFolder()
    try folder.makeFolder("Tests")
    try folder.link("Tests/Fixtures", to: Fixture.folder(""))
    try folder.link("samples", to: Fixture.root + "/samples")
    let separator = "\u{1}"
    let script = commands.map { $0.command + "\nprintf '\(separator)'" }.joined(separator: "\n")
    try folder.write("", to: "output")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = [
      "PATH": ToolProcess.binaries + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8",
    ]
    process.standardInput = FileHandle.nullDevice
    let output = try FileHandle(forWritingTo: URL(filePath: folder.file("output")))
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    return String(decoding: try folder.read("output"), as: UTF8.self)
      .split(separator: separator, omittingEmptySubsequences: false).dropLast()
      .map {
        Self.trimmed($0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
      }
  }

  /// Without empty lines at the end.
  private static func trimmed(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// The line with one sign for each number like 8.7e-15, which differs between processors, and with single
  /// spaces, as columns are as wide as their numbers.
  static func masked(_ line: String) -> String {
    line.replacing(#/[0-9.]+e-[0-9]+/#, with: "#").replacing(#/ +/#, with: " ")
  }

  /// Whether a page that shows `expected` shows this output.
  static func shows(_ expected: ArraySlice<String>, _ output: ArraySlice<String>) -> Bool {
    guard let first = expected.first else { return output.isEmpty }
    if first.trimmingCharacters(in: .whitespaces) == "..." {
      return (output.startIndex...output.endIndex).contains {
        shows(expected.dropFirst(), output[$0...])
      }
    }
    return output.first == first && shows(expected.dropFirst(), output.dropFirst())
  }
}
