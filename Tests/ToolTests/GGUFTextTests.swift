import Foundation
import TestSupport
import Testing

@Suite("Text with the tokenizer inside a GGUF file")
struct GGUFTextTests {
  private let folder: TemporaryFolder
  private var file: String { folder.file("m.gguf") }

  /// A GGUF file of `jamba-tiny` with the small tokenizer of the texts that the tokenizers package recorded.
  init() throws {
    folder = try TemporaryFolder()
    try folder.makeFolder("source")
    for (place, name) in [("jamba-tiny", "model.safetensors"), ("jamba-tiny", "config.json"), ("greedy", "tokenizer.json")] {
      try FileManager.default.copyItem(atPath: Fixture.path(place, name), toPath: folder.file("source/\(name)"))
    }
    let run = try ToolProcess("hymba-convert", "export", folder.file("source"), "-o", file)
    try #require(run.status == 0, "\(run.errors)")
  }

  private static let text = "the cat sat on the mat and the rat sat on the hat"
  /// What the tokenizers package and llama.cpp make of it.
  private static let ids = [57, 52, 42, 41, 34, 55, 44, 34, 56, 42, 41, 34, 54]

  private func generate(_ source: String, _ options: String...) throws -> ToolProcess {
    try ToolProcess("hymba-verify", arguments: ["generate", source] + options + ["-n", "3"])
  }

  @Test("the ids are those of the original, of the file and of a container that was made of it")
  func ids() throws {
    let converted = try ToolProcess("hymba-convert", file, "-o", folder.file("m.hymba"))
    #expect(converted.status == 0)
    try folder.remove("source")
    for source in [file, folder.file("m.hymba")] {
      let run = try generate(source, Self.text, "--json")
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
      #expect(try run.json["prompt"] as? [Int] == Self.ids)
      #expect((try run.json["text"] as? String)?.isEmpty == false)
    }
  }

  @Test("a tokenizer that is not read is named, with what to do")
  func refused() throws {
    let jamba = Fixture.path("gguf", "jamba-tiny/jamba-tiny-f32.gguf")
    let why = "the tokenizer inside the GGUF file is not read: it has no token <0x00>, and needs one for each of the 256 bytes"
    let text = try generate(jamba, "a")
    #expect(text.status == 65 && text.output == "")
    #expect(
      text.errors == "error: \(jamba): \(why); give a tokenizer.json with --tokenizer, or ids with --tokens\n")
    // Ids need no tokenizer.
    let ids = try generate(jamba, "--tokens", "1")
    let note = "note: \(jamba): its tokenizer is not read, so there are ids and no text; --text says why\n"
    #expect(ids.status == 0 && ids.errors.hasPrefix(note), "\(ids.errors)")
  }

  @Test("what has no token is counted, in bytes where tokens are made of bytes")
  func leftOut() throws {
    for (text, words) in [
      ("the cat!", "1 byte of the text has no token and is left out"),
      ("the CAT!", "4 bytes of the text have no token and are left out"),
    ] {
      for arguments in [["generate", "-n", "1"], ["forward", "--quick"]] {
        let run = try ToolProcess("hymba-verify", arguments: arguments + [file, "--text", text])
        #expect(run.status == 0 && run.errors.contains("note: --text: \(words)\n"), "\(run.errors)")
      }
    }
  }
}
