import Foundation
import TestSupport

/// One run of a built tool, from outside.
struct ToolProcess {
  let status: Int32
  let output: String
  let errors: String

  /// Runs a tool to its end.
  init(_ tool: String, _ arguments: String...) throws {
    try self.init(tool, arguments: arguments)
  }

  init(_ tool: String, arguments: [String]) throws {
    try self.init(executable: Self.binaries + "/" + tool, arguments)
  }

  /// Runs a tool under limits of the shell, like `ulimit -f 100`.
  init(under limits: String, _ tool: String, arguments: [String]) throws {
    try self.init(
      executable: "/bin/sh",
      ["-c", limits + #"; exec "$0" "$@""#, Self.binaries + "/" + tool] + arguments)
  }

  /// Runs a script of the shell in which `"$0" "$@"` is the tool with its arguments.
  init(shell script: String, _ tool: String, arguments: [String]) throws {
    try self.init(executable: "/bin/sh", ["-c", script, Self.binaries + "/" + tool] + arguments)
  }

  private init(executable: String, _ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let process = try Self.start(executable: executable, arguments, in: folder)
    process.waitUntilExit()
    self.status = process.terminationStatus
    self.output = String(decoding: try folder.read("output"), as: UTF8.self)
    self.errors = String(decoding: try folder.read("errors"), as: UTF8.self)
  }

  /// Starts a tool whose streams go to files: no pipe can fill up.
  /// - Parameter output: A file that is there, for standard output; one of the folder when nil.
  static func start(
    _ tool: String, _ arguments: [String], in folder: TemporaryFolder, output: String? = nil
  ) throws -> Process {
    try start(executable: binaries + "/" + tool, arguments, in: folder, output: output)
  }

  private static func start(
    executable: String, _ arguments: [String], in folder: TemporaryFolder, output: String? = nil
  ) throws -> Process {
    try folder.write("", to: "output")
    try folder.write("", to: "errors")
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(
      forWritingTo: URL(filePath: output ?? folder.file("output")))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: folder.file("errors")))
    // A shell lets what it runs in the background ignore Ctrl-C, and a process begins with what its parent ignores.
    _ = signal(SIGINT, SIG_DFL)
    try process.run()
    return process
  }

  /// The tools are built beside the tests.
  static let binaries = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    .path

  /// The object that the tool printed.
  var json: [String: Any] {
    get throws {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }
  }
}
