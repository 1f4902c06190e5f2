import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("What --save-outputs writes")
struct SaveOutputsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a name that cannot be is said before the pass")
  func names() throws {
    try folder.makeFolder("f")
    try folder.link("dangling.safetensors", to: folder.file("none/x"))
    for (name, status, message) in [
      (
        "none/out.safetensors", 74,
        ": cannot be written: there is no folder “\(folder.file("none"))”; make it first, as with mkdir -p"
      ),
      ("dangling.safetensors", 74, ": cannot be written: it is a link that leads nowhere"),
      ("out.hymba", 64, "“out.hymba” ends in .hymba, and this writes safetensors; name it “out.safetensors”"),
      (
        "out.safetensor", 64,
        "“out.safetensor” ends in .safetensor, and this writes safetensors; name it “out.safetensors”"
      ),
      ("f", 64, "“f” is a folder; name a file"),
    ] as [(String, Int32, String)] {
      let path = folder.file(name)
      let run = try ForwardRun.verify("--save-outputs", path)
      #expect(run.status == status && run.output == "")
      #expect(run.errors == "error: \(message.hasPrefix(":") ? path : "")\(message)\n")
    }
    for (name, status, message) in [
      ("/dev/null", 74, "/dev/null: cannot be written: it is not a regular file"),
      (
        "-", 64,
        "nothing is written to standard output; name a file with --save-outputs (./- for one that is called so)"
      ),
      ("", 64, "the name after --save-outputs is empty; name what to write"),
    ] as [(String, Int32, String)] {
      let run = try ForwardRun.verify("--save-outputs", name, "--force")
      #expect(run.status == status && run.output == "" && run.errors == "error: \(message)\n")
    }
    #expect(try folder.entries == ["dangling.safetensors", "f"])
  }

  @Test("the ending may be in capitals or missing, and what exists is replaced with --force only")
  func written() throws {
    for name in ["out.SAFETENSORS", "out"] {
      let path = folder.file(name)
      #expect(try ForwardRun.verify("--save-outputs", path).status == 0)
      let again = try ForwardRun.verify("--save-outputs", path)
      #expect(again.status == 73 && again.output == "")
      #expect(again.errors == "error: \(path): exists already; pass --force to replace it\n")
      #expect(try ForwardRun.verify("--save-outputs", path, "--force").status == 0)
      #expect(try SafetensorsSource(path).tensors["logits"] != nil)
    }
  }

  @Test("nothing that is read is replaced, under whatever name")
  func apart() throws {
    for name in ["model.safetensors", "config.json", "expected.safetensors"] {
      try FileManager.default.copyItem(
        atPath: Fixture.path("hymba-nvidia-tiny", name), toPath: folder.file(name))
    }
    try folder.link("link.safetensors", to: folder.file("model.safetensors"))
    try folder.link("reference", to: folder.file("expected.safetensors"))
    for (output, options) in [
      ("model.safetensors", []), ("link.safetensors", []),
      ("expected.safetensors", ["--expect", folder.path]),
      ("reference", ["--input", folder.file("expected.safetensors")]),
    ] {
      let path = folder.file(output)
      let run = try ToolProcess(
        "hymba-verify",
        arguments: ["forward", folder.path, "--save-outputs", path, "--force"] + options)
      #expect(run.status == 64 && run.output == "")
      #expect(
        run.errors
          == "error: \(path): this file is read, and --save-outputs would replace it; name another file\n"
      )
    }
    #expect(
      try folder.read("model.safetensors")
        == Array(
          try Data(contentsOf: URL(filePath: Fixture.path("hymba-nvidia-tiny", "model.safetensors")))))
  }

  @Test("on a disk that is too small the report is printed still, and nothing is left")
  func smallDisk() throws {
    let path = folder.file("out.safetensors")
    // Blocks of 512 bytes: a file may not grow beyond four.
    let run = try ToolProcess(
      under: "ulimit -f 4", "hymba-verify",
      arguments: ["forward", ForwardRun.model, "--save-outputs", path])
    #expect(run.status == 74)
    #expect(run.errors == "error: \(path): cannot be written: File too large\n")
    #expect(try folder.entries == [])
  }
}
