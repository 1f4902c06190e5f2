import Foundation
import TestSupport
import Testing

@Suite("The cause of a divergence, as hymba-verify tells it")
struct CauseToolTests {
  private func wrongTheta() throws -> ChangedCheckpoint {
    try ChangedCheckpoint(
      "bamba-tiny",
      configuration: {
        $0.replacing("\"hidden_size\": 32,", with: "\"hidden_size\": 32, \"rope_theta\": 1e6,")
      })
  }

  private func verify(_ model: String, _ options: String...) throws -> ToolProcess {
    try ToolProcess("hymba-verify", arguments: ["forward", model, "--quick", "--expect"] + options)
  }

  @Test("the text names the cause below the failed comparison, the JSON holds it")
  func named() throws {
    let model = try wrongTheta()
    let expected = Fixture.folder("bamba-tiny")
    let text = try verify(model.path, expected)
    #expect(text.status == 1 && text.errors == "")
    #expect(text.output.contains("\n  cause: layer 1 agrees when rope_theta is 10000\n"))
    let run = try verify(model.path, expected, "--json")
    let cause = try #require(try run.json["cause"] as? [String: Any])
    #expect(Set(cause.keys) == ["layer", "capture", "kind", "detail"])
    #expect(cause["layer"] as? Int == 1 && cause["capture"] as? String == "layers.1.attention")
    #expect(
      cause["kind"] as? String == "rotary" && cause["detail"] as? String == "rope_theta is 10000")
  }

  @Test("where all agree, the cause is null")
  func none() throws {
    let run = try verify(Fixture.folder("bamba-tiny"), Fixture.folder("bamba-tiny"), "--json")
    #expect(run.status == 0)
    #expect(try run.json["cause"] is NSNull)
  }

  @Test("--names explains the names of another tool, and tells those that are not there")
  func names() throws {
    let folder = try TemporaryFolder()
    let map = try folder.write(
      #"{"hidden_states.0": null, "blk.{layer}.out": "hidden_states.{layer+1}"}"#, to: "map.json")
    let expected = Fixture.folder("bamba-tiny")
    let run = try verify(Fixture.folder("bamba-tiny"), expected, "--names", map)
    #expect(run.status == 0)
    #expect(
      run.errors
        == "warning: \(map): “blk.{layer}.out” is the name of no tensor in expected.safetensors\n")
    #expect(!run.output.contains("hidden_states.0") && run.output.contains("hidden_states.1"))
    let quiet = try verify(Fixture.folder("bamba-tiny"), expected, "--names", map, "--quiet")
    #expect(quiet.errors == "")

    try folder.write(#"{"a": 1}"#, to: "map.json")
    let wrong = try verify(Fixture.folder("bamba-tiny"), expected, "--names", map)
    #expect(wrong.status == 65 && wrong.output == "")
    #expect(
      wrong.errors == "error: \(map): “a” stands for 1; expected the name of a capture, or null\n")
    let alone = try ToolProcess(
      "hymba-verify", arguments: ["forward", Fixture.folder("bamba-tiny"), "--names", map])
    #expect(alone.status == 64)
  }
}
