import Foundation
import TestSupport
import Testing

@Suite("Scripts")
struct ScriptTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Makes a program of this name that is found before any other.
  private func program(_ name: String, _ body: String) throws {
    let path = try folder.write("#!/bin/sh\n" + body + "\n", to: name)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  private func run(_ script: String, _ arguments: String...) throws -> (
    status: Int32, output: String, errors: String
  ) {
    let (output, errors) = (Pipe(), Pipe())
    let process = Process()
    process.executableURL = URL(filePath: Fixture.root + "/scripts/" + script)
    process.arguments = arguments
    process.environment = ["PATH": folder.path + ":/usr/bin:/bin"]
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    // A few lines, which fit into a pipe.
    return (
      process.terminationStatus,
      String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
      String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    )
  }

  @Test(
    "dependencies says what is wrong with Swift",
    arguments: [
      (
        "echo cannot open libcurl.so.4 >&2; exit 127",
        "Swift is installed but does not start:\ncannot open libcurl.so.4\n"
      ),
      (
        "echo Swift version 6.1",
        "Swift 6.1 is too old; this project needs 6.3 or later (swift.org/install/linux).\n"
      ),
      (
        "echo another swift",
        "Swift of an unknown version is too old; this project needs 6.3 or later (swift.org/install/linux).\n"
      ),
    ])
  func dependencies(_ swift: String, _ message: String) throws {
    try program("dpkg-query", "printf installed")
    try program("swift", swift)
    let result = try run("dependencies")
    #expect(result.status == 1 && result.output == "" && result.errors == message)
  }

  @Test("dependencies is content with a Swift that is new enough")
  func installed() throws {
    try program("dpkg-query", "printf installed")
    try program("swift", "echo \"Apple Swift version 6.10 (swift-6.10-RELEASE)\"")
    let result = try run("dependencies")
    #expect(result.status == 0 && result.output == "" && result.errors == "")
  }

  @Test("benchmark refuses what it does not know before it builds anything")
  func benchmark() throws {
    try program("swift", "echo built")
    let result = try run("benchmark", "frward")
    #expect(result.status == 64 && result.output == "")
    #expect(
      result.errors
        == "usage: scripts/benchmark [forward|decode|convert|verify|streaming|gguf|codec|growth|base|all]\n")
  }

  @Test("a man page names the commands, the exit codes and examples that can be copied")
  func manual() throws {
    // The generator of the argument parser, of which the pages of a command and of its tool are asked.
    try program(
      "generate-manual",
      #"""
      printf '.Sh DESCRIPTION\n.Bl\n.It a\n.Pp\n.It b\n.El\n.Sh "EXIT STATUS"\n.Ex -std' >"$6/hymba-verify.1"
      printf '.Nd "What it does."\n.Sh DESCRIPTION\nText.\n\nExamples:\n  tool --all\n.Bl\n.El\n' >"$6/hymba-verify.forward.1"
      """#)
    try folder.link("hymba-verify", to: ToolProcess.binaries + "/hymba-verify")
    try folder.makeFolder("man")
    let result = try run("manual", folder.file("hymba-verify"), folder.file("man"), "2026-01-01")
    #expect(result.status == 0 && result.errors == "")
    let tool = String(decoding: try folder.read("man/hymba-verify.1"), as: UTF8.self)
    #expect(
      tool.hasPrefix(
        """
        .Sh DESCRIPTION
        .Bl
        .It a
        .It b
        .El
        .Sh COMMANDS
        .Bl -tag -width 4n
        .It Cm forward (default)
        Run the whole model on the CPU and check what it computes.
        .It Cm generate

        """), "\(tool)")
    for code in ["0\nfine", "64\nthe command line is wrong", "73\nthe output exists (pass --force)"] {
      #expect(tool.contains("\n.It \(code)\n"))
    }
    #expect(
      String(decoding: try folder.read("man/hymba-verify-forward.1"), as: UTF8.self) == #"""
        .Nd "What it does"
        .Sh DESCRIPTION
        Text.
        .Bl
        .El
        .Sh EXAMPLES
        .Bd -literal -offset 2n
        tool \-\-all
        .Ed
        .Sh "SEE ALSO"
        .Xr hymba-verify 1

        """#)
  }
}
