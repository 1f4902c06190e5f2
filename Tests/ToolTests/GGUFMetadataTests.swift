import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

@Suite("Keys of GGUF files in the tools")
struct GGUFMetadataTests {
  private func metadata(_ path: String, _ arguments: String...) throws -> ToolProcess {
    try ToolProcess(
      "hymba-inspect", arguments: ["parameters", path, "--metadata", "--layout", "verbatim"] + arguments)
  }

  @Test("a list is cut between its values, and says how many it has")
  func lists() throws {
    let run = try ToolProcess(
      shell: "COLUMNS=80 \"$0\" parameters \"$1\" --metadata --layout verbatim", "hymba-inspect",
      arguments: [Fixture.path("gguf", "nemotron-h-moe/nemotron-h-moe-q8_0.gguf")])
    let lines = run.output.split(separator: "\n")
    let tokens = try #require(lines.first { $0.hasPrefix("tokenizer.ggml.tokens ") })
    #expect(tokens.contains("[“<unk>”, “<s>”, …], 72 values") && tokens.count <= 80, "\(tokens)")
    #expect(lines.contains { $0.hasPrefix("nemotron_h_moe.attention.head_count_kv ") && $0.hasSuffix("[0, 0, 0, 2, 0, 0, 0]") })
  }

  @Test("a chat template is shown by its length, and control characters are spelled out")
  func template() throws {
    let folder = try TemporaryFolder()
    let template = "{% for message in messages %}\u{1B}[31m{{ message }}{% endfor %}"
    let keys = [
      GGUFEntry("general.architecture", "other"), GGUFEntry("general.name", "a\u{1B}[31mb\nc"),
      GGUFEntry("tokenizer.chat_template", template), GGUFEntry("tokenizer.chat_template.tool_use", "é"),
    ]
    try folder.write(try GGUFWriter.file(of: keys), to: "m.gguf")
    let run = try metadata(folder.file("m.gguf"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(!run.output.contains("\u{1B}") && !run.output.contains("message"))
    #expect(run.output.contains("a template of \(template.utf8.count) bytes"))
    #expect(run.output.contains("a template of 2 bytes"))
    let json = try metadata(folder.file("m.gguf"), "--json").json
    let texts = try #require(json["metadata"] as? [String: String])
    #expect(texts["tokenizer.chat_template"] == "a template of \(template.utf8.count) bytes")
  }
}
