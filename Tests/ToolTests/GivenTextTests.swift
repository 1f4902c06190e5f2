import Foundation
import TestSupport
import Testing

@Suite("Texts that look like options or files")
struct GivenTextTests {
  private let folder: TemporaryFolder
  private let model = Fixture.folder("jamba-tiny")
  private let tokenizer = Fixture.path("greedy", "tokenizer.json")

  init() throws { folder = try TemporaryFolder() }

  private func generate(_ options: String...) throws -> ToolProcess {
    try ToolProcess(
      "hymba-verify", arguments: ["generate", model, "--tokenizer", tokenizer, "--count", "1"] + options)
  }

  @Test(
    "a text that begins with a dash is taken for an option, and the error says what to do",
    arguments: ["- hello", "--hello", "-hello", "-h i", "- is it?", "-1 is", "--help me", "- don't pop"])
  func dash(_ text: String) throws {
    for arguments in [[text, "--count", "3"], ["--quiet", text], ["--json", text, "-n", "1"]] {
      let run = try ToolProcess("hymba-verify", arguments: ["generate", model] + arguments)
      #expect(run.status == 64 && run.output == "")
      #expect(
        run.errors.hasPrefix(
          "error: unknown option '\(text)'; a text that begins with a dash is given with --text\nUsage: hymba-verify generate "),
        "\(run.errors)")
    }
    #expect(try generate("--text", text).status == 0)
  }

  @Test("an option whose name is nearly right is told of as before, and help is help")
  func options() throws {
    for input in [["--tokens", "1"], ["the cat"], []] {
      let run = try ToolProcess("hymba-verify", arguments: ["generate", model, "--temprature", "1"] + input)
      #expect(run.errors.hasPrefix("error: unknown option '--temprature'; did you mean '--temperature'?\n"), "\(run.errors)")
    }
    for help in ["-h", "-qh", "--help"] {
      let run = try generate(help)
      #expect(run.status == 0 && run.output.hasPrefix("OVERVIEW: Let the model continue"), "\(help)")
    }
    let other = try ToolProcess("hymba-inspect", "parameters", "-hello")
    #expect(other.status == 64 && other.output == "")
    #expect(other.errors.hasPrefix("error: unknown option '-hello'\nUsage: hymba-inspect parameters "), "\(other.errors)")
  }

  @Test("@- reads standard input, and @@ begins a text that begins with @")
  func escapes() throws {
    func prompt(_ run: ToolProcess) throws -> [Int] { try #require(try run.json["prompt"] as? [Int]) }
    let expected = try prompt(generate("--text", "the cat", "--json"))
    let piped = try ToolProcess(
      shell: #"printf 'the cat' | "$0" "$@""#, "hymba-verify",
      arguments: ["generate", model, "--tokenizer", tokenizer, "--text", "@-", "--json"])
    #expect(try prompt(piped) == expected)
    // The tokenizer has no token for @ and leaves it out, with a note.
    let note = "note: --text: 1 byte of the text has no token and is left out\n"
    for run in [try generate("--text", "@@the cat", "--json"), try generate("@@the cat", "--json")] {
      #expect(run.errors == note)
      #expect(try prompt(run) == expected)
    }
    let ids = try generate("--tokens", "@@1")
    #expect(ids.status == 64 && ids.errors == "error: --tokens: “@1” is not a token id; expected a whole number from 0 on\n")
  }

  @Test("what @ names and cannot be read is told of with the way out")
  func files() throws {
    let absent = try generate("--text", "@user hi")
    #expect(absent.status == 66)
    #expect(
      absent.errors
        == "error: user hi: no such file or folder; note that a text that begins with @ is given with @@ in its place\n")
    for option in ["--text", "--tokens"] {
      let alone = try generate(option, "@")
      #expect(alone.status == 64)
      #expect(
        alone.errors.hasPrefix(
          "error: \(option) names no file behind its @; expected @FILE, or @- for standard input\nUsage: "))
      let pipe = try generate(option, "@/dev/null")
      #expect(pipe.status == 65)
      #expect(
        pipe.errors
          == "error: /dev/null: this is a pipe, a socket or a device and no file; save what comes from it to a file first; note that @- reads standard input\n"
      )
    }
    let bytes = folder.file("bytes.txt")
    try Data([0x61, 0xFF]).write(to: URL(filePath: bytes))
    let run = try generate("--text", "@" + bytes)
    #expect(run.status == 64 && run.errors == "error: \(bytes): the text is not UTF-8 at byte 1\n")
  }
}
