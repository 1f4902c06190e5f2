import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Files that hymba-verify forward is given")
struct VerifyFileTests {
  private let folder: TemporaryFolder
  private let model = Fixture.folder("hymba-nvidia-tiny")
  private let recorded = Fixture.path("hymba-nvidia-tiny", "expected.safetensors")

  init() throws { folder = try TemporaryFolder() }

  private func verify(_ options: String...) throws -> ToolProcess {
    try ToolProcess("hymba-verify", arguments: ["forward", model] + options)
  }

  @Test("a folder means the expected.safetensors in it, a container holds captures as well")
  func folders() throws {
    #expect(try verify("--expect", model, "--input", model).status == 0)
    let none = try verify("--expect", folder.path)
    #expect(none.status == 65 && none.output == "")
    #expect(
      none.errors
        == "error: \(folder.path): this is a folder without “expected.safetensors”; name the file with the captures\n"
    )
    let container = folder.file("captures.hymba")
    let made = try ToolProcess(
      "hymba-convert", "checkpoints", recorded, "--layout", "verbatim", "-o", container)
    #expect(made.status == 0, "\(made.errors)")
    let run = try verify("--expect", container, "--json")
    #expect(run.status == 0)
    #expect((try run.json["comparison"] as? [Any])?.count == 23)
  }

  @Test("a file of another kind is named as what it is")
  func otherKinds() throws {
    for (name, bytes, message) in [
      ("a.gguf", Array("GGUF".utf8), "this is a GGUF file"),
      ("a.html", Array("<!DOCTYPE html>".utf8), "this is a web page"),
      ("a.safetensors", [], "not a checkpoint: the file is empty"),
    ] as [(String, [UInt8], String)] {
      let path = try folder.write(
        bytes + [UInt8](repeating: 0x20, count: bytes.isEmpty ? 0 : 64), to: name)
      for option in ["--expect", "--input"] {
        let run = try verify(option, path)
        #expect(run.status == 65 && run.output == "", "\(run.errors)")
        #expect(run.errors.hasPrefix("error: \(path): \(message)"), "\(run.errors)")
      }
    }
    let missing = try verify("--expect", folder.file("none"))
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
