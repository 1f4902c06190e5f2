import Foundation
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaTerminal

@Suite("What the tools print of texts that came from outside")
struct OutputGateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A window's title and red, as escape sequences; the same with a C1 control; an order of letters; hidden tags.
  private static let hostile = "\u{1B}]0;x\u{7}\u{9B}31m\u{202E}\u{E0041}\u{7F}"
  private static let spelled = "\\u{1b}]0;x\\u{7}\\u{9b}31m\\u{202e}\\u{e0041}\\u{7f}"

  private func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy {
      $0 == "\n" || ![.control, .format, .lineSeparator].contains($0.properties.generalCategory)
    }
  }

  @Test("a line spells out what is not seen, and passes a style of the terminal's own")
  func line() {
    #expect(OutputGate.line("a\(Self.hostile)é 模型\n") == "a\(Self.spelled)é 模型\\u{a}")
    let styled = "\(OutputGate.styled("x\u{1B}[31my", .bold)) z\u{1B}[0m"
    #expect(OutputGate.line(styled, isStyled: true) == "\u{1B}[1mx\\u{1b}[31my\u{1B}[0m z\\u{1b}[0m")
    for style in Terminal.Style.allCases {
      #expect(
        OutputGate.line(OutputGate.styled("x", style), isStyled: true)
          == "\u{1B}[\(style.rawValue)mx\u{1B}[0m")
    }
    #expect(OutputGate.line(styled) == "\\u{fdd1}x\\u{1b}[31my\\u{fdd0} z\\u{1b}[0m")
    #expect(OutputGate.text("a\nb\r\u{1B}") == "a\nb\\u{d}\\u{1b}")
  }

  @Test("JSON escapes what is not seen and keeps its value")
  func json() throws {
    let text = "{\n  \"é\" : \"\u{9B}\u{202E}\u{E0041}\u{7F}\u{2028}\"\n}"
    let gated = OutputGate.json(text)
    #expect(
      gated == "{\n  \"é\" : \"\\u009b\\u202e\\udb40\\udc41\\u007f\\u2028\"\n}")
    #expect(
      try JSONValue(parsing: Array(gated.utf8)) == JSONValue(parsing: Array(text.utf8)))
  }

  @Test(
    "names of files and folders, tensors and arguments reach no terminal as they are",
    arguments: [
      ["hymba-inspect", "parameters", "FILE", "--layout", "verbatim"],
      ["hymba-inspect", "parameters", "FILE", "--layout", "verbatim", "--tree"],
      ["hymba-inspect", "parameters", "FILE", "--layout", "verbatim", "--json"],
      ["hymba-inspect", "config", "FOLDER"], ["hymba-inspect", "config", "FOLDER", "--json"],
      ["hymba-inspect", "compare", "FOLDER", "FOLDER"],
      ["hymba-inspect", "parameters", "FILE"], ["hymba-inspect", "parameters", "FILE", "--json"],
      ["hymba-inspect", "parameters", "FILE", "FOLDER", "MISSING", "--tree", "--metadata"],
      ["hymba-inspect", "parameters", "FOLDER/*", "--metadata", "--json"],
      ["hymba-inspect", "parameters", "MISSING*"],
      ["hymba-inspect", "audit", "FOLDER"], ["hymba-inspect", "audit", "FILE"],
      ["hymba-inspect", "audit", "FILE", "--json"], ["hymba-inspect", "audit", "MISSING"],
      ["hymba-inspect", "parameters", "FILE", "--layout", "verbatim", "--stats"],
      ["hymba-inspect", "parameters", "FILE", "--layout", "verbatim", "--digests"],
      ["hymba-inspect", "parameters", "FILE", "--layout", "verbatim", "--histogram", "ARGUMENT"],
      ["hymba-convert", "checkpoints", "FILE", "--layout", "verbatim", "--dry-run"],
      ["hymba-convert", "checkpoints", "FOLDER", "--dry-run"],
      ["hymba-convert", "checkpoints", "FOLDER", "-o", "OUT.hymba"],
      ["hymba-convert", "export", "FOLDER", "-o", "OUT"],
      ["hymba-convert", "layouts", "--check", "nvidia-hymba", "FOLDER"],
      ["hymba-convert", "init", "--embed-dim", "8", "-o", "OUT.hymba"],
      ["hymba-verify", "forward", "FOLDER", "--expect", "MISSING"],
      ["hymba-verify", "container", "MISSING"], ["hymba-verify", "forward", "FOLDER", "ARGUMENT"],
      ["hymba-inspect", "parameters", "FILE", "--ARGUMENT"],
      ["hymba-inspect", "parameters", "FILE", "--sort", "ARGUMENT"],
      ["hymba-convert", "checkpoints", "FILE", "--layout", "ARGUMENT", "-o", "OUT.hymba"],
      ["hymba-convert", "help", "ARGUMENT"], ["hymba-inspect", "ARGUMENT", "--help", "ARGUMENT"],
      ["hymba-verify", "ARGUMENT"], ["hymba-verify", "--ARGUMENT"],
      ["hymba-verify", "forward", "FOLDER", "--jobs", "ARGUMENT"],
      ["hymba-verify", "forward", "FOLDER", "--tolerance", "ARGUMENT"],
      ["hymba-verify", "forward", "FOLDER", "--tokens", "ARGUMENT"],
      ["hymba-verify", "forward", "FOLDER", "--save-outputs", "OUT.hymba"],
      ["hymba-verify", "forward", "FOLDER", "--save-outputs", "MISSING", "--json"],
      ["hymba-verify", "forward", "FOLDER", "--expect", "FILE"],
      ["hymba-verify", "forward", "FOLDER", "--expect", "FOLDER"],
      ["hymba-verify", "container", "FOLDER"], ["hymba-verify", "container", "FILE", "--json"],
    ])
  func tools(_ command: [String]) throws {
    try folder.makeFolder("d" + Self.hostile)
    for name in ["model.safetensors", "config.json"] {
      try folder.link("d\(Self.hostile)/" + name, to: Fixture.path("hymba-nvidia-tiny", name))
    }
    try folder.write("{}", to: "d\(Self.hostile)/tokenizer\(Self.hostile).json")
    let name = "\"t\(Self.hostile.replacing("\u{1B}", with: "\\u001b").replacing("\u{7}", with: "\\u0007"))\""
    let header = "{\"__metadata__\":{\(name):\(name)},\(name):{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
    try folder.write(
      (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + Array(header.utf8)
        + [7],
      to: "f\(Self.hostile).safetensors")
    let words = [
      "FOLDER": folder.file("d" + Self.hostile),
      "FILE": folder.file("f\(Self.hostile).safetensors"),
      "MISSING": folder.file("m" + Self.hostile), "OUT.hymba": folder.file("o\(Self.hostile).hymba"),
      "OUT": folder.file("o" + Self.hostile), "ARGUMENT": "a" + Self.hostile,
      "--ARGUMENT": "--a" + Self.hostile,
    ]
    let process = try ToolProcess(
      command[0],
      arguments: command.dropFirst().map { word in
        let pattern = words[String(word.prefix { !"/*".contains($0) })].flatMap { path in
          word.contains("*") ? path + word.drop { !"/*".contains($0) } : nil
        }
        return pattern ?? words[word] ?? word
      })
    #expect(isPlain(process.output) && isPlain(process.errors))
    #expect(!process.output.isEmpty || !process.errors.isEmpty)
  }

  @Test("what is wrong with the arguments is said as before, with the exit code of usage")
  func usage() throws {
    let process = try ToolProcess("hymba-inspect", "parameters", "x", "--a\u{1B}[31m")
    #expect(process.status == 64 && process.output.isEmpty)
    #expect(process.errors.hasPrefix("error: unknown option '--a\\u{1b}[31m'\nUsage: hymba-inspect "))
    let help = try ToolProcess("hymba-verify", "--help")
    #expect(help.status == 0 && help.errors.isEmpty && help.output.hasPrefix("OVERVIEW: "))
    #expect(try ToolProcess("hymba-convert", "--version").output == Terminal.versionLine(of: "hymba-convert") + "\n")
  }
}
