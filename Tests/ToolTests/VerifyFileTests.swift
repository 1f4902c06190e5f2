import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Files that hymba-verify forward is given")
struct VerifyFileTests {
  private let folder: TemporaryFolder
  private let model = ForwardRun.model
  private let recorded = ForwardRun.recorded

  init() throws { folder = try TemporaryFolder() }

  @Test("a folder means the expected.safetensors in it, a container holds captures as well")
  func folders() throws {
    #expect(try ForwardRun.verify("--expect", model, "--input", model).status == 0)
    let none = try ForwardRun.verify("--expect", folder.path)
    #expect(none.status == 65 && none.output == "")
    #expect(
      none.errors
        == "error: \(folder.path): this is a folder without “expected.safetensors”; name the file with the captures\n"
    )
    let container = folder.file("captures.hymba")
    let made = try ToolProcess(
      "hymba-convert", "checkpoints", recorded, "--layout", "verbatim", "-o", container)
    #expect(made.status == 0, "\(made.errors)")
    let run = try ForwardRun.verify("--expect", container, "--json")
    #expect(run.status == 0)
    #expect((try run.json["comparison"] as? [Any])?.count == 23)
  }

  @Test("what holds no captures is said before the pass, with what it holds")
  func noCaptures() throws {
    let weights = Fixture.path("hymba-nvidia-tiny", "model.safetensors")
    let advice =
      "; what the model should compute goes by names like “hidden_states.1” and “logits”, as --save-outputs writes them"
    func file(_ name: String, _ tensors: [String]) throws -> String {
      let path = folder.file(name)
      try SafetensorsWriter.write(
        MemorySource(tensors.map { .init($0, .uint8, [1], [0]) }), to: path, replace: true)
      return path
    }
    for (path, found) in [
      (weights, "it holds weights, “model.embed_tokens.weight” and 78 more, and no captures" + advice),
      (
        Fixture.path("edifice-hymba-tiny", "model.nx"),
        "it holds weights, “final_norm.beta” and 67 more, and no captures" + advice
      ),
      (
        try file("input.safetensors", ["input_ids"]),
        "it holds an input and no captures" + advice + "; --input takes an input alone"
      ),
      (
        try file("misspelt.safetensors", ["logit", "hidden.1"]),
        "it holds no captures, but “hidden.1” and 1 more (did you mean logits?)" + advice
      ),
      (try file("none.safetensors", []), "it holds no captures" + advice),
    ] {
      let run = try ForwardRun.verify("--expect", path)
      #expect(run.status == 1 && run.output == "")
      #expect(run.errors == "error: \(path): \(found)\n")
    }
  }

  @Test("a folder is asked for its file, and a text in JSON is no advice to look for weights")
  func otherFiles() throws {
    try folder.link("eval.safetensors", to: recorded)
    try folder.link("a.safetensors", to: Fixture.path("hymba-nvidia-tiny", "model.safetensors"))
    for (option, role) in [("--expect", "captures"), ("--input", "input")] {
      let inFolder = try ForwardRun.verify(option, folder.path)
      #expect(inFolder.status == 65)
      #expect(
        inFolder.errors
          == "error: \(folder.path): this is a folder without “expected.safetensors”; name the file with the \(role), such as “eval.safetensors” in it\n"
      )
      let config = Fixture.path("hymba-nvidia-tiny", "config.json")
      let json = try ForwardRun.verify(option, config)
      #expect(json.status == 65 && json.output == "")
      #expect(
        json.errors
          == "error: \(config): this is a text in JSON; name the file with the \(role), in safetensors\n"
      )
    }
  }

  @Test("a file that claims 2^40 elements is refused by its shape, and nothing is read of it")
  func sparse() throws {
    // As long as it claims, and without a block on the disk.
    let positions = (1 << 40) / 12
    let header =
      "{\"input\":{\"dtype\":\"F8_E5M2\",\"shape\":[1,\(positions),12],\"data_offsets\":[0,\(positions * 12)]}}"
    let path = try folder.write(
      (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + Array(header.utf8),
      to: "claim.safetensors")
    let handle = try FileHandle(forUpdating: URL(filePath: path))
    try handle.truncate(atOffset: UInt64(8 + header.utf8.count + positions * 12))
    try handle.close()
    let set = Fixture.path("edifice-hymba-tiny", "model.nx")
    let run = try ToolProcess("hymba-verify", "forward", set, "--input", path)
    #expect(run.status == 1 && run.output == "")
    #expect(
      run.errors.hasPrefix(
        "error: \(path): the input has the shape [1, \(positions), 12], for which this model takes ")
        && run.errors.hasSuffix("; give fewer or shorter sequences\n"), "\(run.errors)")
  }

  @Test("a file of another kind is named as what it is")
  func otherKinds() throws {
    for (name, bytes, message) in [
      ("a.gguf", Array("GGUF".utf8), "has version 538976288 of GGUF"),
      ("a.html", Array("<!DOCTYPE html>".utf8), "this is a web page"),
      ("a.safetensors", [], "not a checkpoint: the file is empty"),
    ] as [(String, [UInt8], String)] {
      let path = try folder.write(
        bytes + [UInt8](repeating: 0x20, count: bytes.isEmpty ? 0 : 64), to: name)
      for option in ["--expect", "--input"] {
        let run = try ForwardRun.verify(option, path)
        #expect(run.status == 65 && run.output == "", "\(run.errors)")
        #expect(run.errors.hasPrefix("error: \(path): \(message)"), "\(run.errors)")
      }
    }
    let missing = try ForwardRun.verify("--expect", folder.file("none"))
    #expect(missing.status == 66)
  }

  @Test("an input that claims more than memory holds is one sentence, and nothing is read of it")
  func claims() throws {
    // A container whose tensor is declared with a million positions: its zeros take a few bytes.
    let set = Fixture.path("edifice-hymba-tiny", "model.nx")
    for (file, message) in [
      ("wide.hymba", "the input has the shape [1, 1048576, 9]; expected [batch, positions, 12]"),
      ("flat.hymba", "the input has the shape [1048576]; expected [batch, positions, 12]"),
    ] {
      let shape = file == "flat.hymba" ? [1 << 20] : [1, 1 << 20, 9]
      let path = folder.file("x.safetensors")
      try SafetensorsWriter.write(
        MemorySource([
          .init("input", .float8E5M2, shape, [UInt8](repeating: 0, count: shape.reduce(1, *)))
        ]), to: path, replace: true)
      let made = try ToolProcess(
        "hymba-convert", "checkpoints", path, "--layout", "verbatim", "-o", folder.file(file))
      #expect(made.status == 0, "\(made.errors)")
      let run = try ToolProcess("hymba-verify", "forward", set, "--input", folder.file(file))
      #expect(run.status == 1 && run.output == "")
      #expect(run.errors == "error: \(folder.file(file)): \(message)\n")
    }
  }
}
