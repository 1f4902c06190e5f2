import Foundation
import HymbaFormat
import TestSupport
import Testing

/// A page with indented blocks of commands, each behind `$`, on several lines where they end in `\`, and what they
/// print.
struct Tutorial: Sendable, CustomTestStringConvertible {
  /// The path in the checkout.
  let name: String
  let lines: [String]
  let commands: [(command: String, output: [String])]
  /// Commands of the tools without a `$`, which show what to type and name files of the reader.
  let namedCommands: [String]

  var testDescription: String { name }

  /// The README and the pages of docs/.
  static var all: [Tutorial] {
    get throws {
      let docs = try FileManager.default.contentsOfDirectory(atPath: Fixture.root + "/docs")
      return try ["README.md"].map(Tutorial.init)
        + docs.sorted().filter { $0.hasSuffix(".md") }.map { try Tutorial("docs/" + $0) }
    }
  }

  /// Those that have examples.
  static var pages: [Tutorial] {
    get throws { try all.filter { !$0.commands.isEmpty } }
  }

  init(_ page: String) throws {
    let text = try InputFile.contents(of: Fixture.root + "/" + page, limit: 1 << 20)
    name = page
    lines = String(decoding: text, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    var commands: [(command: String, output: [String])] = []
    var named: [String] = []
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
        if line.hasPrefix("    hymba-") {
          named.append(String(line.dropFirst(4)))
        } else if line.hasPrefix("    "), let last = named.last, last.hasSuffix("\\") {
          named[named.count - 1] += "\n" + line
        }
      }
    }
    self.commands = commands.map { ($0.command, Self.trimmed($0.output)) }
    namedCommands = named
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
