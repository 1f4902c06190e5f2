import Foundation
import HymbaFormat
import HymbaTerminal
import TestSupport
import Testing

@Suite("What the tools have in common")
struct TerminalTests {
  @Test(
    "bytes have three significant digits, rounded once",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (1004, "1.00 kB"), (9_994, "9.99 kB"),
      (9_995, "10.0 kB"), (99_949, "99.9 kB"), (99_950, "100 kB"), (999_499, "999 kB"),
      (999_500, "1.00 MB"), (1_234_567, "1.23 MB"), (12_345_678_900, "12.3 GB"),
      (.max, "9223 PB"),
    ] as [(Int, String)])
  func bytes(_ count: Int, _ text: String) { #expect(count.byteText == text) }

  @Test(
    "a result that cannot be written is an error",
    arguments: [
      ["hymba-inspect", "parameters", Fixture.sample("model.nx"), "--json"],
      ["hymba-verify", "forward", Fixture.folder("hymba-nvidia-tiny")],
      ["hymba-convert", "layouts"],
      ["hymba-convert", "checkpoints", Fixture.sample("model.nx"), "--dry-run", "--json"],
    ])
  func full(_ command: [String]) throws {
    let folder = try TemporaryFolder()
    let process = try ToolProcess.start(
      command[0], Array(command.dropFirst()), in: folder, output: "/dev/full")
    process.waitUntilExit()
    #expect(process.terminationStatus == 74)
    #expect(
      String(decoding: try folder.read("errors"), as: UTF8.self).hasSuffix(
        "error: standard output cannot be written\n"))
  }

  /// What a script prints that runs the tools.
  private func shell(_ script: String, in folder: TemporaryFolder) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = ["PATH": ToolProcess.binaries + ":/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }

  @Test("a reader that goes away is no error")
  func pipe() throws {
    let folder = try TemporaryFolder()
    try folder.link("model.nx", to: Fixture.sample("model.nx"))
    #expect(
      try shell(
        "trap '' PIPE; hymba-inspect model.nx --quiet | { exec 0<&-; sleep 2; }; echo ${PIPESTATUS[0]}",
        in: folder) == "0\n")
  }

  @Test("a hang-up that was ignored when the tool started does not end it")
  func hangUp() throws {
    let script = """
      hymba-convert init --embed-dim 64 --hidden-size 128 --num-layers 4 -o m.hymba >/dev/null &
      for try in {1..1000}; do ls -A | grep -q part && break; sleep 0.01; done
      kill -HUP $!; wait $!; echo $?; ls -A
      """
    #expect(try shell("trap '' HUP\n" + script, in: TemporaryFolder()) == "0\nm.hymba\n")
    #expect(try shell(script, in: TemporaryFolder()) == "\ninterrupted\n130\n")
  }
}
