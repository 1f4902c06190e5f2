import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("What hymba-verify forward checks")
struct VerifyCheckTests {
  private func outcomes(_ options: String...) throws -> [String: Any?] {
    let run = try ToolProcess(
      "hymba-verify", arguments: ["forward", ForwardRun.model, "--json"] + options)
    #expect(run.status == 0, "\(run.errors)")
    let checks = try #require(try run.json["checks"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: checks.compactMap { check in
        (check["name"] as? String).map { ($0, check["passed"] is NSNull ? nil : check["passed"]) }
      })
  }

  @Test("--quick leaves out what takes another run, and JSON says null of it")
  func quick() throws {
    let outcomes = try outcomes("--quick")
    for name in ["causality", "batch independence", "decoding"] {
      #expect(outcomes[name] != nil && outcomes[name]! == nil)
    }
    for name in ["inventory", "numbers", "conventions", "shapes", "outputs"] {
      #expect(outcomes[name] as? Bool == true)
    }
  }

  @Test("--checks runs what it names, and the verdict claims no more")
  func chosen() throws {
    let outcomes = try outcomes("--checks", "numbers,causality")
    #expect(outcomes["numbers"] as? Bool == true && outcomes["causality"] as? Bool == true)
    #expect(outcomes["shapes"] != nil && outcomes["shapes"]! == nil)
    let run = try ForwardRun.verify("--checks", "numbers")
    let lines = run.output.split(separator: "\n")
    #expect(
      lines.suffix(2).joined(separator: " ")
        == "what was run passed; not run: inventory, conventions, shapes, outputs, causality, batch independence, decoding"
    )
    #expect(!run.output.contains("layout hymba, input"), "no input was run")
  }

  @Test("a choice that is none is wrong usage, in one sentence")
  func wrong() throws {
    let all = "container, inventory, numbers, conventions, forward, causality, batch, decoding, reference"
    for (options, message) in [
      (["--checks", "number"], "--checks names “number”, which is no check (did you mean numbers?); there are \(all)."),
      (["--checks", ""], "--checks names “”, which is no check; there are \(all)."),
      (
        ["--checks", "numbers", "--quick"],
        "--checks and --quick both choose what is checked; pass one."
      ),
      (
        ["--checks", "numbers", "--expect", ForwardRun.recorded],
        "--expect gives a reference, and --checks does not name reference."
      ),
    ] {
      let run = try ToolProcess(
        "hymba-verify", arguments: ["forward", ForwardRun.model] + options)
      #expect(run.status == 64 && run.output == "")
      #expect(run.errors.hasPrefix("error: \(message.dropLast())\n"), "\(run.errors)")
    }
    // Only the checkpoint tells whether it keeps a reference.
    for option in [["--checks", "reference"], ["--like", "bf16"]] {
      let run = try ToolProcess("hymba-verify", arguments: ["forward", ForwardRun.model] + option)
      let name = option[0] == "--like" ? "--like" : "--checks reference"
      #expect(run.status == 64)
      #expect(
        run.errors
          == "error: \(name) needs a reference, and neither --expect nor the checkpoint gives one\n")
    }
  }

  @Test("a container is read once, raw or compressed", arguments: ["none", "zstd"])
  func bytesRead(_ compression: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.hymba")
    #expect(
      try ToolProcess(
        "hymba-convert", "init", "--hidden-size", "256", "--embed-dim", "64", "--num-layers", "8",
        "--seed", "1", "--compression", compression, "-o", path
      ).status == 0)
    let size = try ContainerSource(path).files[0].bytes
    let none = try bytesRead("--version", nil)
    let read = try bytesRead("forward", path) - none
    #expect(size > 4_000_000)
    #expect(Double(read) <= 1.1 * Double(size), "\(read) of \(size)")
    #expect(read >= size * 9 / 10, "it is read at all")
  }

  /// Bytes that a run asks the system for, its libraries' included.
  private func bytesRead(_ command: String, _ path: String?) throws -> Int {
    // The shell is told what its children read.
    let run = try ToolProcess(
      shell: #""$0" "$@" > /dev/null && while read name bytes; do [ "$name" = rchar: ] && echo $bytes; done < /proc/$$/io; true"#,
      "hymba-verify", arguments: [command] + (path.map { [$0] } ?? []))
    return try #require(Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)))
  }
}
