import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

/// Texts that Python's `json` reads and RFC 8259 does not have; what it refuses stays refused.
@Suite("Configurations as Python reads them")
struct ForeignConfigurationTests {
  private func changed(_ change: (String) -> String) throws -> ChangedCheckpoint {
    try ChangedCheckpoint("hymba-nvidia-tiny", configuration: change)
  }

  /// The configuration with one more member behind its first brace.
  private static func adding(_ member: String) -> (String) -> String {
    { text in "{\(member), " + text.dropFirst() }
  }

  @Test(
    "infinite numbers, transformers 5's form of them, and a byte order mark change nothing else",
    arguments: [
      #""time_step_limit": [0.0, Infinity]"#, #""a": NaN, "b": -Infinity, "c": 1e999"#,
      #""time_step_limit": [0.0, {"__float__": "Infinity"}]"#, "\u{FEFF}",
    ])
  func accepted(_ member: String) throws {
    let checkpoint = try changed(
      member == "\u{FEFF}" ? { member + $0 } : Self.adding(member))
    let model = try FamilyFixture.open(checkpoint.path)
    let original = try FamilyFixture.open(Fixture.folder("hymba-nvidia-tiny"))
    #expect(model.architecture == original.architecture)
    // That the name of an option is not known is said apart.
    #expect(model.assumptions.filter { !$0.contains("known here") } == original.assumptions)
    // A container keeps the text, and reads it again.
    let folder = try TemporaryFolder()
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test").write(
      model.parameters, model.description, to: folder.file("m.hymba"))
    let text = try FamilyFixture.open(folder.file("m.hymba")).description.configuration?.text
    #expect(text?.utf8.elementsEqual((model.description.configuration?.text ?? "").utf8) == true)
  }

  @Test("of a value that is given twice the last counts, and it is said")
  func repeatedKey() throws {
    let checkpoint = try changed(Self.adding(#""rms_norm_eps": 0.5"#))
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(model.architecture?.norm.epsilon == 1e-6)
    #expect(
      model.assumptions.first
        == "in config.json, “rms_norm_eps” is given more than once; the last value counts, as in Python"
    )
  }

  @Test(
    "what Python refuses is refused, and what was found is named",
    arguments: [
      ("// a comment", "expected a string and found a comment"),
      ("'a': 1", "expected a string and found single quotes"),
      (#""a": None"#, "expected a value and found the word “None”"),
      (#""a": 1,"#, "expected a string and found nothing behind the comma"),
    ])
  func refused(_ member: String, _ problem: String) throws {
    let checkpoint = try changed { text in
      member.hasSuffix(",") ? "{\(member)}" : Self.adding(member)(text)
    }
    #expect(
      FamilyFixture.message(opening: checkpoint.path).contains("not valid JSON: \(problem) at byte "))
  }
}
