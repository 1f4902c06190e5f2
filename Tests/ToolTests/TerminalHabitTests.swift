import Foundation
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaTerminal

@Suite("What the tools print on narrow, plain and foreign terminals")
struct TerminalHabitTests {
  /// What a script prints on a terminal of so many columns; lines end with a line feed alone.
  private func terminal(
    _ command: String, columns: Int, _ environment: [String: String] = [:]
  ) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/script")
    process.arguments = ["-qefc", "stty cols \(columns) rows 50; \(command)", "/dev/null"]
    process.environment = [
      "PATH": ToolProcess.binaries + ":/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8",
    ].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self).replacing("\r\n", with: "\n")
  }

  private static let sample = Fixture.sample("model.nx")

  @Test(
    "no line is wider than a narrow terminal",
    arguments: [
      "hymba-inspect parameters model.nx --quiet", "hymba-inspect parameters model.nx --layout edifce",
      "hymba-inspect parameters missing.nx", "hymba-inspect compare x.json y.json",
      "hymba-inspect compare model.nx model.nx", "hymba-convert layouts",
      "hymba-convert layouts verbatim", "hymba-verify forward model.nx",
      "hymba-verify forward model.nx --expect eval.safetensors --noise",
      "hymba-verify forward jamba --expect jamba", "hymba-verify forward zamba --quiet",
      "hymba-verify container model.nx", "hymba-verify generate jamba --tokens 1 > /dev/null", "hymba-inspect audit jamba",
    ], [40, 80])
  func narrow(_ command: String, _ columns: Int) throws {
    let folder = try TemporaryFolder()
    try folder.link("model.nx", to: Self.sample)
    try folder.link("eval.safetensors", to: Fixture.sample("eval.safetensors"))
    try folder.link("jamba", to: Fixture.folder("jamba-tiny"))
    try folder.link("zamba", to: Fixture.folder("zamba-tiny"))
    let text = try terminal("cd \(folder.path) && \(command)", columns: columns, ["NO_COLOR": "1"])
    let lines = text.split(separator: "\n").map { line in
      // Without what was written over.
      line.split(separator: "\r").last.map { $0.replacing("\u{1B}[K", with: "") } ?? ""
    }
    #expect(!lines.isEmpty && lines.filter { $0.count > columns } == [])
  }

  @Test("a report's tables are folded between columns, indented, and never within a heading")
  func folded() throws {
    let folder = try TemporaryFolder()
    try folder.link("model", to: Fixture.folder("hymba-nvidia-tiny"))
    let text = try terminal(
      "cd \(folder.path) && hymba-verify forward model --expect model 2> /dev/null", columns: 40,
      ["NO_COLOR": "1"])
    let lines = text.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("  layer") })
    #expect(lines[start..<start + 2] == ["  layer  output       attn RMS", "    mamba RMS  attn share  cosine"])
    #expect(lines[start + 2] == "    gate ~ 0")
    let captures = try #require(lines.firstIndex { $0.hasPrefix("  capture") })
    #expect(lines[captures + 1] == "         NMSE  max error   relative")
    #expect(lines[captures + 2] == "  hidden_states.0" && lines[captures + 3].hasPrefix("            0 "))
  }

  @Test("a pipe gets no progress and no control characters, whatever the terminal")
  func piped() throws {
    let run = try ToolProcess("hymba-verify", "forward", Self.sample)
    #expect(run.status == 0 && run.errors == "")
    #expect(!run.output.contains("\u{1B}") && !run.output.contains("\r"))
  }

  @Test("TERM=dumb gets no control characters, and colours are left out where NO_COLOR is set")
  func plain() throws {
    let folder = try TemporaryFolder()
    let command = "hymba-convert \(Self.sample) -o \(folder.file("m.hymba")) --force"
    let verify = "hymba-verify forward \(Self.sample)"
    for command in [command, verify] {
      #expect(try terminal(command, columns: 80).contains("\u{1B}["))
      let dumb = try terminal(command, columns: 80, ["TERM": "dumb"])
      #expect(!dumb.contains("\u{1B}") && !dumb.contains("\r"))
    }
    #expect(try terminal(verify, columns: 80).contains("\u{1B}[32m"))
    #expect(try !terminal(verify, columns: 80, ["NO_COLOR": "1"]).contains("\u{1B}[32m"))
  }

  @Test("COLUMNS counts more than what the terminal says of itself")
  func columns() throws {
    let wide = try terminal("hymba-convert layouts", columns: 40, ["COLUMNS": "120"])
    #expect(wide.contains("edifice                      Hymba as the Elixir library Edifice saves it"))
    #expect(try terminal("hymba-convert layouts", columns: 40).hasPrefix("edifice\n    Hymba as"))
  }

  @Test(
    "a locale that is not UTF-8 gets ASCII, names and JSON escaped",
    arguments: [["LC_ALL": "C"], ["LC_CTYPE": "POSIX"], ["LANG": "de_DE.ISO-8859-1"]])
  func ascii(_ locale: [String: String]) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.safetensors")
    try SafetensorsWriter.write(
      MemorySource([.init("größe", .uint8, [1], [0])]), to: path, replace: false)
    let environment = ["LANG": ""].merging(locale) { $1 }
    func run(_ command: String) throws -> String {
      try terminal(command, columns: 80, environment)
    }
    let missing = try run("hymba-inspect \(folder.file("m.safetensor"))")
    #expect(missing.hasSuffix(" \"m.safetensors\"?\n"))
    let list = try run("hymba-inspect \(path) --layout verbatim")
    #expect(list.contains("\ngr\\u{f6}\\u{df}e") && list.utf8.allSatisfy { $0 < 0x80 })
    let json = try run("hymba-inspect \(path) --layout verbatim --json")
    #expect(json.contains(#""name" : "gr\u00f6\u00dfe""#) && json.utf8.allSatisfy { $0 < 0x80 })
    #expect(try run("hymba-inspect \(path) --layout verbatim --tree").contains("\n`- gr"))
  }

  @Test("where nothing says what the locale is, text is in UTF-8")
  func unset() {
    #expect(TerminalSettings([:]).isUTF8)
    #expect(TerminalSettings(["LC_ALL": "", "LANG": "en_US.utf8"]).isUTF8)
    #expect(!TerminalSettings(["LC_ALL": "C", "LANG": "en_US.UTF-8"]).isUTF8)
    #expect(!TerminalSettings(["LANG": "en_US"]).isUTF8)
    #expect(TerminalSettings(["NO_COLOR": ""]).hasStyles)
    #expect(TerminalSettings(["COLUMNS": "0"]).columns == nil)
  }

  // MARK: Shapes of text

  private func table() -> Table {
    var table = Table([("parameter", .left), ("type", .left), ("bytes", .right)])
    table.add(["layers.0.mamba.dt_proj.weight", "F32", "12 kB"])
    table.add(["layers.0.mamba.in_proj.weight", "BF16", "1.2 MB"])
    return table
  }

  @Test("a table is shortened while names say enough, then stacked")
  func tables() {
    #expect(table().lines(width: 43) == table().lines(width: nil))
    #expect(
      table().lines(width: 40) == [
        "parameter                   type   bytes",
        "layers.0.mam…t_proj.weight  F32    12 kB",
        "layers.0.mam…n_proj.weight  BF16  1.2 MB",
      ])
    #expect(
      table().lines(width: 32) == [
        "parameter", "  type   bytes", "layers.0.mamba.dt_proj.weight", "  F32    12 kB",
        "layers.0.mamba.in_proj.weight", "  BF16  1.2 MB",
      ])
  }

  @Test("text is wrapped behind its label, or below it where there is no room")
  func wrapping() {
    let text = "nothing missing, nothing extra, every shape right"
    #expect(
      text.wrapped(label: "  ok    shapes  ", width: 48) == [
        "  ok    shapes  nothing missing, nothing extra,",
        "                every shape right",
      ])
    #expect(
      text.wrapped(label: "  ok    shapes  ", width: 36) == [
        "  ok    shapes", "      nothing missing, nothing", "      extra, every shape right",
      ])
    #expect("two  spaces".wrapped(label: "", width: 80) == ["two  spaces"])
    #expect("".wrapped(label: "note  ", width: 80) == [])
    #expect(
      "  verified     read again, every tensor equal".fitted(40) == [
        "  verified     read again, every tensor", "               equal",
      ])
  }

  @Test("the progress line fits the terminal")
  func progress() {
    let bar = ProgressBar("writing model.hymba", total: 1000, quiet: true)
    bar.set(500)
    func line(_ width: Int) -> String { bar.line(elapsed: .seconds(1), width: width) }
    #expect(
      line(80) == "writing model.hymba [############············] 50 %  500 B/s  0:01 left")
    #expect(line(56) == "writing model.hymba [####····] 50 %  500 B/s  0:01 left")
    #expect(line(40) == "writing model.hymba 50 %  500 B/s  0:01")
    for width in 1...100 { #expect(line(width).count < max(2, width)) }
  }
}
