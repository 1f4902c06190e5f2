import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("hymba-convert layouts --check")
struct LayoutCheckToolTests {
  private static let folder = Fixture.folder("user-layout")
  private static let layout = Fixture.path("user-layout", "plum.json")

  @Test("the report in JSON has both sides of the account and the way there and back")
  func report() throws {
    let run = try ToolProcess(
      "hymba-convert", "layouts", "--check", Self.layout, Self.folder, "--json")
    #expect(run.status == 0 && run.errors == "")
    let json = try run.json
    #expect(json["passed"] as? Bool == true && json["file"] as? String == Self.layout)
    #expect((json["layout"] as? [String: Any])?["rules"] as? Int == 26)
    let checkpoint = try #require(json["checkpoint"] as? [String: Any])
    let tensors = try #require(checkpoint["tensors"] as? [String: Any])
    #expect(tensors["total"] as? Int == 49 && tensors["used"] as? Int == 48)
    #expect(tensors["carried"] as? [String] == ["plum.stage2.mask"])
    let back = try #require(checkpoint["roundTrip"] as? [String: Any])
    #expect(back["tensors"] as? Int == 49 && back["differences"] as? [String] == [])
  }

  @Test("a checkpoint that does not fit is exit code 1, with all names in JSON")
  func unfit() throws {
    let folder = try TemporaryFolder()
    let text = String(
      decoding: try InputFile.contents(of: Self.layout, limit: 1 << 20), as: UTF8.self)
    let wrong = try folder.write(text.replacing(".ssm.", with: ".sm."), to: "wrong.json")
    let changed = try ToolProcess(
      "hymba-convert", "layouts", "--check", wrong, Self.folder, "--json")
    #expect(changed.status == 1 && changed.output == "")
    #expect(
      changed.errors
        == "error: \(Self.folder): it has no “plum.stage{layer+1}.sm.a_log”, which is in the signature of the layout plum; pass the layout that the checkpoint has, or correct the signature\n"
    )
    let mapped = try folder.write(
      text.replacing("ssm.a_log\"],\n", with: "pre_scale\"],\n").replacing(".ssm.", with: ".sm."),
      to: "wrong.json")
    let run = try ToolProcess("hymba-convert", "layouts", "--check", mapped, Self.folder, "--json")
    let checkpoint = try #require(try run.json["checkpoint"] as? [String: Any])
    #expect(run.status == 1 && checkpoint["roundTrip"] is NSNull)
    // Thirteen tensors of a Mamba in each of two layers, which the text would not show.
    let unused = (checkpoint["tensors"] as? [String: Any])?["unused"] as? [String]
    #expect(unused?.count == 26)
    let shown = try ToolProcess("hymba-convert", "layouts", "--check", mapped, Self.folder)
    #expect(shown.output.contains("\n                  and 20 more\n"))
    #expect(
      shown.output.hasSuffix("\nfailed: the checkpoint cannot be converted with this layout\n"))
  }

  @Test("a document that is not valid, missing, or no layout is one sentence and its exit code")
  func refused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("{", to: "x.json")
    for (arguments, status, message) in [
      ([path], 65, "\(path): not a valid layout: "),
      ([folder.file("none.json")], 66, "\(folder.file("none.json")): no such file or folder"),
      (["plumm"], 64, "there is no layout “plumm”; known are "),
      ([Self.layout, folder.file("none")], 66, "\(folder.file("none")): no such file or folder"),
    ] {
      let process = try ToolProcess.start(
        "hymba-convert", ["layouts", "--check"] + arguments, in: folder)
      process.waitUntilExit()
      let errors = String(decoding: try folder.read("errors"), as: UTF8.self)
      #expect(process.terminationStatus == status)
      #expect(errors.hasPrefix("error: " + message) && errors.count { $0 == "\n" } == 1)
    }
    #expect(
      try ToolProcess("hymba-convert", "layouts", "plum", "--config", path).status == 64)
  }
}
