import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("hymba-inspect audit")
struct AuditToolTests {
  /// A folder that links to a recorded set.
  private func folder(_ set: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: Fixture.folder(set)) {
      try folder.link(name, to: Fixture.path(set, name))
    }
    return folder
  }

  @Test("a whole checkpoint is exit code 0, and its notes are shown")
  func whole() throws {
    let path = Fixture.folder("bamba-tiny")
    let run = try ToolProcess("hymba-inspect", "audit", path)
    #expect(run.status == 0 && run.errors == "")
    #expect(
      run.output == """
        \(path): 73 tensors of 301 kB, layout hf-bamba
        note     tokenizer is not in the folder: texts need the tokenizer that made the model's vocabulary
        0 errors, 0 warnings, 1 note

        """)
    let quiet = try ToolProcess("hymba-inspect", "audit", path, "--quiet")
    #expect(quiet.output == "0 errors, 0 warnings, 1 note\n")
  }

  @Test("an error is exit code 1, and in JSON as in text")
  func error() throws {
    let folder = try folder("bamba-options")
    let shard = "model-00002-of-00003.safetensors"
    try folder.remove(shard)
    let run = try ToolProcess("hymba-inspect", "audit", folder.path)
    #expect(run.status == 1 && run.errors == "")
    #expect(run.output.split(separator: "\n")[1].hasPrefix("error    \(shard) is not there, and "))
    let json = try ToolProcess("hymba-inspect", "audit", folder.path, "--json")
    #expect(json.status == 1 && json.errors == "")
    let findings = try #require(try json.json["findings"] as? [[String: String]])
    #expect(findings[0]["kind"] == "shardMissing" && findings[0]["severity"] == "error")
    #expect(findings[0]["subject"] == shard)
    #expect(try json.json["layout"] as? String == "hf-bamba")
    #expect(try json.json["fileCount"] as? Int == 2)
  }

  @Test("a warning alone is exit code 0")
  func warning() throws {
    let folder = try folder("bamba-tiny")
    try folder.remove("config.json")
    let run = try ToolProcess("hymba-inspect", "audit", folder.path)
    #expect(run.status == 0 && run.output.contains("\nwarning  "))
  }

  @Test("a missing path is no finding")
  func missing() throws {
    let run = try ToolProcess("hymba-inspect", "audit", "/nowhere/model", "--json")
    #expect(run.status == 66 && run.output == "")
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test("lines fit the columns", arguments: [40, 80])
  func width(_ columns: Int) throws {
    let run = try ToolProcess(
      under: "COLUMNS=\(columns); export COLUMNS", "hymba-inspect",
      arguments: ["audit", Fixture.folder("nemotron-h-options")])
    for line in run.output.split(separator: "\n") {
      let longest = line.split(separator: " ").map(\.count).max() ?? 0
      #expect(line.count <= columns || longest + 10 > columns, "\(line)")
    }
  }
}
