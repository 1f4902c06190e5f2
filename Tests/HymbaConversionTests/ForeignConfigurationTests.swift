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
    "infinite numbers, transformers 5's form of them, whole numbers of any length, half a surrogate pair and a byte order mark change nothing else",
    arguments: [
      (#""time_step_limit": [0.0, Infinity]"#, ["time_step_limit"]),
      (#""a": NaN, "b": -Infinity, "c": 1e999"#, ["a", "b", "c"]),
      (#""time_step_limit": [0.0, {"__float__": "Infinity"}]"#, ["time_step_limit"]),
      (#""a": 123456789012345678901234567890"#, ["a"]), (#""name_or_path": "\ud800""#, []),
      (#""a": {"\udc00": "x\ud83d"}"#, ["a"]), ("\u{FEFF}", []),
    ])
  func accepted(_ member: String, _ unknown: [String]) throws {
    let checkpoint = try changed(
      member == "\u{FEFF}" ? { member + $0 } : Self.adding(member))
    let model = try FamilyFixture.open(checkpoint.path)
    let original = try FamilyFixture.open(Fixture.folder("hymba-nvidia-tiny"))
    #expect(model.architecture == original.architecture)
    #expect(original.assumptions == [])
    #expect(model.assumptions == (unknown.isEmpty ? [] : [Self.note(unknown)]))
    // A container keeps the text, and reads it again.
    let folder = try TemporaryFolder()
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test").write(
      model.parameters, model.description, to: folder.file("m.hymba"))
    let text = try FamilyFixture.open(folder.file("m.hymba")).description.configuration?.text
    #expect(text?.utf8.elementsEqual((model.description.configuration?.text ?? "").utf8) == true)
  }

  /// What is said of options that no table knows.
  private static func note(_ names: [String]) -> String {
    let shown = names.map { "“\($0)”" }.joined(separator: ", ")
    let (verb, pronoun) = names.count == 1 ? ("is", "it") : ("are", "them")
    return
      "config.json has \(shown), which \(verb) not known here: if the original computes something else by \(pronoun), what is computed here is another model"
  }

  @Test("of a value that is given twice the last counts, and it is said")
  func repeatedKey() throws {
    let checkpoint = try changed(Self.adding(#""rms_norm_eps": 0.5"#))
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(model.architecture?.norm.epsilon == 1e-6)
    #expect(
      model.assumptions == [
        "in config.json, “rms_norm_eps” is given more than once; the last value counts, as in Python"
      ])
  }

  @Test(
    "an error says as well which value was given twice, wherever it arises",
    arguments: [
      (
        #""num_attention_heads": 4"#, #""num_attention_heads": 5"#, "num_attention_heads",
        "num_attention_heads is 5; expected a divisor of hidden_size, 32"
      ),
      (
        #""vocab_size": 64"#, #""vocab_size": "many""#, "vocab_size",
        "vocab_size is “many”; expected a whole number"
      ),
      (
        #""vocab_size": 64"#, #""vocab_size": 65"#, "vocab_size",
        "the tensors do not fit the model: 1 of another shape: model.embed_tokens.weight is [64, 32] instead of [65, 32]"
      ),
      (
        #""model_type": "hymba""#, #""model_type": "jamba""#, "model_type",
        "config.json and the tensors disagree: it is a config.json of a Jamba, but they have the names of the layout nvidia-hymba"
      ),
    ])
  func repeatedKeyOfAnError(
    _ first: String, _ last: String, _ key: String, _ message: String
  ) throws {
    let checkpoint = try changed { text in
      let changed = text.replacing(first, with: last)
        .replacing("num_memory_tokens", with: key == "model_type" ? "no_tokens" : "num_memory_tokens")
      return Self.adding(first)(changed)
    }
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "\(message); note that in config.json, “\(key)” is given more than once; the last value counts, as in Python"
    )
  }

  @Test("a bare configuration gives its notes, and with an error what was given twice")
  func bare() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"{"model_type":"jamba","hidden_size":8,"hidden_size":32,"x":1}"#, to: "c.json")
    let twice = "in c.json, “hidden_size” is given more than once; the last value counts, as in Python"
    #expect(
      try readConfiguration(path).notes == [
        twice, Self.note(["x"]).replacing("config.json", with: "c.json"),
      ])
    try folder.write(#"{"model_type":"jamba","hidden_size":32,"hidden_size":33}"#, to: "c.json")
    #expect {
      try readConfiguration(path)
    } throws: {
      "\($0)"
        == "\(path): num_attention_heads is 32; expected a divisor of hidden_size, 33; note that \(twice)"
    }
  }

  @Test(
    "a whole number that is too long is given with its digits",
    arguments: [
      ("100000000000000000001", "100000000000000000001", " of at most 63 bits"),
      ("-9223372036854775809", "-9223372036854775809", " of at most 63 bits"),
      ("1e20", "1e+20", " of at most 63 bits"), ("1.5", "1.5", ""),
    ])
  func largeNumbers(_ text: String, _ found: String, _ room: String) throws {
    let checkpoint = try changed { $0.replacing(#""vocab_size": 64"#, with: #""vocab_size": \#(text)"#) }
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "vocab_size is \(found); expected a whole number\(room)")
  }

  @Test("what Python reads and is not read here is named as a limit")
  func limits() throws {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    let checkpoint = try changed(Self.adding("\"a\": \(deep)"))
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "\(checkpoint.path)/config.json: the JSON has more than the 64 nested levels that are read here at byte 70"
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
