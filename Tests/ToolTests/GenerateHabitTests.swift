import Foundation
import TestSupport
import Testing

@Suite("How people ask for text")
struct GenerateHabitTests {
  private let folder: TemporaryFolder
  private let model: String

  /// A folder of `jamba-tiny` with a small tokenizer.
  init() throws {
    folder = try TemporaryFolder()
    model = folder.file("model")
    try folder.makeFolder("model")
    for (place, name) in [("jamba-tiny", "model.safetensors"), ("jamba-tiny", "config.json"), ("greedy", "tokenizer.json")] {
      try FileManager.default.copyItem(atPath: Fixture.path(place, name), toPath: model + "/" + name)
    }
  }

  private func verify(_ arguments: String...) throws -> ToolProcess {
    try ToolProcess("hymba-verify", arguments: arguments)
  }

  @Test("a text may stand behind the model, and -p, -n and --temp are other names")
  func names() throws {
    let first = try verify("generate", model, "--text", "the cat", "--count", "5", "--temperature", "1", "--seed", "3", "--json")
    #expect(first.status == 0)
    let tokens = try #require(try first.json["tokens"] as? [Int])
    for arguments in [["the cat"], ["-p", "the cat"]] {
      let run = try ToolProcess(
        "hymba-verify", arguments: ["generate", model] + arguments + ["-n", "5", "--temp", "1", "--seed", "3", "--json"])
      #expect(try run.json["tokens"] as? [Int] == tokens, "\(run.errors)")
    }
  }

  @Test("two inputs, and words without quotation marks, are told apart")
  func ambiguous() throws {
    let two = try verify("generate", model, "the cat", "--tokens", "1")
    #expect(two.status == 64)
    #expect(
      two.errors.hasPrefix(
        "error: “the cat” and --tokens both give the input; pass one, a text of several words between quotation marks\n"))
    let words = try verify("generate", model, "the", "cat")
    #expect(words.status == 64 && words.errors.hasPrefix(
        "error: unexpected argument 'cat'; a text of several words stands between quotation marks\n"), "\(words.errors)")
    let empty = try verify("generate", model, "")
    #expect(empty.status == 64 && empty.errors.hasPrefix("error: --text is empty; expected some text\n"))
  }

  @Test("words that are not UTF-8 are refused")
  func bytes() throws {
    for (option, message) in [
      ("--stop", "--stop is not UTF-8, and an answer is: it would never come"),
      ("--text", "--text is not UTF-8, and a text must be"),
    ] {
      let run = try ToolProcess(
        shell: #""$0" "$@" "$(printf '\377')""#, "hymba-verify",
        arguments: ["generate", model] + (option == "--stop" ? ["a"] : []) + [option])
      #expect(run.status == 64 && run.errors.hasPrefix("error: \(message)\n"), "\(run.errors)")
    }
  }

  @Test("a template of chats is told of wherever it lies")
  func template() throws {
    try folder.write(#"{"chat_template": "{{ messages }}"}"#, to: "model/tokenizer_config.json")
    let container = folder.file("m.hymba")
    #expect(try ToolProcess("hymba-convert", model, "-o", container).status == 0)
    let note = "its chat template is not rendered: write the text as the template would\n"
    let bare = Fixture.folder("jamba-tiny")
    for arguments in [
      ["generate", model, "-n", "1"], ["generate", container, "-n", "1"], ["forward", model, "--quick"],
      ["generate", bare, "-n", "1", "--tokenizer", model], ["forward", bare, "--quick", "--tokenizer", model],
    ] {
      let run = try ToolProcess("hymba-verify", arguments: arguments + ["--text", "the cat"])
      #expect(run.status == 0 && run.errors.contains("note: \(arguments[1]): \(note)"), "\(arguments): \(run.errors)")
    }
    #expect(try !verify("generate", model, "--tokens", "1", "-n", "1").errors.contains(note))
  }

  @Test("a text that is longer than the sequences the model was made for is told of")
  func longest() throws {
    let file = model + "/config.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    var members = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    members["max_position_embeddings"] = 3
    try JSONSerialization.data(withJSONObject: members).write(to: URL(filePath: file))
    let note =
      "note: --tokens: 4 tokens are in a row, and the model was made for at most 3 (max_position_embeddings)\n"
    #expect(try verify("generate", model, "--tokens", "1,2,3,4", "-n", "1").errors.contains(note))
    #expect(try !verify("generate", model, "--tokens", "1,2,3", "-n", "1").errors.contains("in a row"))
    // Of an answer the last token is not read.
    #expect(try !verify("generate", model, "--tokens", "1", "-n", "3").errors.contains("in a row"))
    let answer = "note: --count: 1 token and up to 4 behind are in a row, and the model was made for at most 3 (max_position_embeddings)\n"
    #expect(try verify("generate", model, "--tokens", "1", "-n", "4").errors.contains(answer))
    // Each window begins anew.
    let windows = try verify("forward", model, "--tokens", "1,2,3,4", "--perplexity", "--window", "2", "--quick")
    #expect(windows.status == 0 && !windows.errors.contains("in a row"), "\(windows.errors)")
    #expect(windows.output.contains("\n    in 2 windows of 2 tokens, stride 2: each begins anew\n"))
  }

  @Test("a type that only llama-quantize makes is refused with its name")
  func quantised() throws {
    let run = try ToolProcess("hymba-convert", "export", model, "-o", folder.file("m.gguf"), "--dtype", "q4_k_m")
    #expect(run.status == 64)
    #expect(
      run.errors.hasPrefix(
        "error: the value 'q4_k_m' is invalid for '--dtype <type>'; expected one of 'F64', 'F32', 'F16', 'BF16' or 'Q8_0'; llama-quantize of llama.cpp makes Q4_K_M of a .gguf file that was exported as F32 or BF16\n"
      ), "\(run.errors)")
  }
}
