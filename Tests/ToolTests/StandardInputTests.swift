import TestSupport
import Testing

@Suite("Standard input in place of a file")
struct StandardInputTests {
  private let bare = Fixture.path("edifice-hymba-tiny", "bare.nx")
  private let options = Fixture.path("edifice-hymba-tiny", "build_opts.json")
  private let recorded = Fixture.path("edifice-hymba-tiny", "expected.safetensors")

  @Test("a configuration is read")
  func configuration() throws {
    let run = try ToolProcess(
      shell: "\"$0\" \"$1\" --config - --expect \"$2\" < \"$3\"", "hymba-verify",
      arguments: [bare, recorded, options])
    #expect(run.status == 0, "\(run.errors)")
    let shown = try ToolProcess(
      shell: "\"$0\" config - < \"$1\"", "hymba-inspect", arguments: [options])
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("configuration    standard input"))
  }

  @Test("token ids and a map of names are read")
  func otherDocuments() throws {
    let tokens = try ToolProcess(
      shell: "echo 1 2 3 | \"$0\" \"$1\" --tokens @- --checks forward", "hymba-verify",
      arguments: [Fixture.folder("jamba-tiny")])
    #expect(tokens.output.contains("input [1, 3] from --tokens"), "\(tokens.errors)")
    let names = try ToolProcess(
      shell: "echo '{\"none\": null}' | \"$0\" \"$1\" --expect \"$2\" --names - -q", "hymba-verify",
      arguments: [Fixture.folder("jamba-tiny"), Fixture.path("jamba-tiny", "expected.safetensors")])
    #expect(names.output == "passed\n", "\(names.errors)")
  }

  @Test("a text that is no configuration is one sentence")
  func wrongText() throws {
    let run = try ToolProcess(
      shell: "echo hello | \"$0\" config -", "hymba-inspect", arguments: [])
    #expect(run.status == 65)
    #expect(run.errors.hasPrefix("error: -: ") && run.errors.split(separator: "\n").count == 1)
  }

  @Test(
    "a checkpoint is not read, and the way out is said",
    arguments: [
      ["hymba-convert", "-", "-o", "OUT"], ["hymba-inspect", "parameters", "-"], ["hymba-verify", "-"],
      ["hymba-verify", "container", "-"],
    ])
  func checkpoint(_ words: [String]) throws {
    let folder = try TemporaryFolder()
    let arguments = words.dropFirst().map { $0 == "OUT" ? folder.file("m.hymba") : $0 }
    let run = try ToolProcess(words[0], arguments: Array(arguments))
    #expect(run.status == 66)
    #expect(
      run.errors
        == "error: -: no such file or folder; a checkpoint is not read from standard input, as its tensors are not read in order: save it and name the file (./- for one that is called so)\n"
    )
  }
}
