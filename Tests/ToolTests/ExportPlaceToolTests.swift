import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("What the tools write, and where")
struct ExportPlaceToolTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func convert(_ arguments: String...) throws -> ToolProcess {
    let run = try ToolProcess("hymba-convert", arguments: arguments)
    #expect(run.status == 0, "\(run.errors)")
    return run
  }

  @Test("an Edifice container's folder computes what Edifice did, without a configuration being named")
  func heads() throws {
    _ = try convert(Fixture.path("edifice-hymba-tiny", "model.nx"), "-o", folder.file("m.hymba"))
    _ = try convert("export", folder.file("m.hymba"), "-o", folder.file("out/"))
    let run = try ToolProcess(
      "hymba-verify", folder.file("out"), "--expect",
      Fixture.path("edifice-hymba-tiny", "expected.safetensors"), "--quiet")
    #expect(run.status == 0, "\(run.output)")
  }

  @Test("a folder is told from a file by a slash and its files")
  func places() throws {
    let nvidia = try convert(
      "export", Fixture.folder("hymba-nvidia-tiny"), "-o", folder.file("out"))
    #expect(nvidia.output.hasPrefix("\(Fixture.folder("hymba-nvidia-tiny")) -> \(folder.file("out"))/\n"))
    #expect(nvidia.output.contains("\n  files        model.safetensors\n"))
    let edifice = try convert("export", Fixture.sample("model.nx"), "-o", folder.file("file"))
    #expect(edifice.output.hasPrefix("\(Fixture.sample("model.nx")) -> \(folder.file("file"))\n"))
    #expect(!edifice.output.contains("\n  files "))
    #expect(
      edifice.errors.hasSuffix(
        "note: \(folder.file("file")): “file” is one safetensors file; name it “file.safetensors”, or “file/” for a folder\n"
      ))
  }

  @Test(
    "types are called as PyTorch and others call them",
    arguments: [
      ("fp16", "F16"), ("half", "F16"), ("torch.float16", "F16"), ("bfloat16", "BF16"),
      ("Float32", "F32"), ("double", "F64"),
    ])
  func types(_ name: String, _ type: String) throws {
    let run = try convert(
      "export", Fixture.sample("model.nx"), "-o", folder.file("m.hymba"), "--dtype", name, "--json")
    #expect((try run.json["cast"] as? [String: Any])?["dtype"] as? String == type)
    let made = try ToolProcess(
      "hymba-convert", "init", "--embed-dim", "8", "--num-layers", "1", "--hidden-size", "8",
      "-o", folder.file("i.hymba"), "--dtype", name)
    #expect(made.status == (type == "BF16" || type == "F32" ? 0 : 64))
  }

  @Test("the list of layouts has verbatim, as text and as JSON, and so has the message")
  func layouts() throws {
    let names = try convert("layouts", "--json").json["layouts"] as? [[String: String]]
    #expect(names?.last?["name"] == "verbatim")
    let verbatim = try convert("layouts", "verbatim", "--json").json["layouts"]
    #expect(verbatim as? [[String: String]] == names?.suffix(1).map { $0 })
    let text = try convert("layouts").output
    for name in names ?? [] { #expect(text.contains("\(name["name"] ?? "?") ")) }
    let run = try ToolProcess(
      "hymba-convert", "export", Fixture.sample("model.nx"), "--layout", "verbatin", "-o",
      folder.file("x.safetensors"))
    #expect(run.status == 64)
    #expect(
      run.errors
        == "error: there is no layout “verbatin” (did you mean verbatim?); known are \((names ?? []).dropLast().compactMap { $0["name"] }.joined(separator: ", ")) and verbatim, or pass a file\n"
    )
  }

  @Test("what a killed run left is removed and named, for a file and for a folder")
  func leftovers() throws {
    for (output, arguments) in [
      ("m.hymba", [Fixture.sample("model.nx")]), ("i.hymba", ["init", "--embed-dim", "8"]),
      ("m.nx", ["export", Fixture.sample("model.nx")]),
      ("out", ["export", Fixture.folder("hymba-nvidia-tiny")]),
    ] {
      if output == "out" { try folder.makeFolder("out") }
      let left = output == "out" ? ".model.safetensors.71.1abc.part" : ".\(output).71.1abc.part"
      let path = try folder.write("half", to: output == "out" ? "out/" + left : left)
      let run = try ToolProcess(
        "hymba-convert", arguments: arguments + ["-o", folder.file(output)])
      #expect(run.status == 0)
      #expect(
        run.errors.contains(
          "note: \(folder.file(output)): removed what a run that was killed left: \(left)\n"),
        "\(run.errors)")
      #expect(!FileSystem.exists(path))
    }
  }

  @Test("nothing is written where this program prints, nor onto a device, with --force or without")
  func devices() throws {
    try folder.link("stdout", to: "/proc/self/fd/1")
    try folder.link("null", to: "/dev/null")
    for (name, why) in [
      ("stdout", "it is where this program prints; name another file"),
      ("null", "it is not a regular file"),
    ] {
      for arguments in [["checkpoints"], ["export"], ["checkpoints", "--force"], ["export", "--force"]] {
        let run = try ToolProcess(
          "hymba-convert",
          arguments: arguments + [Fixture.sample("model.nx"), "-o", folder.file(name)])
        #expect(run.status == 74)
        #expect(
          run.errors.hasSuffix("error: \(folder.file(name)): cannot be written: \(why)\n"),
          "\(run.errors)")
        #expect(FileSystem.isLink(folder.file(name)))
      }
    }
  }

  @Test(
    "a new folder's parent is flushed before the folder's files",
    .enabled(if: FileSystem.exists("/usr/bin/strace"), "strace is not there"))
  func parent() throws {
    for (name, arguments) in [
      ("out", ["export", Fixture.folder("hymba-nvidia-tiny")]),
      ("many", [Fixture.sample("model.nx"), Fixture.folder("hymba-nvidia-tiny")]),
    ] {
      let trace = folder.file("trace")
      let run = try ToolProcess(
        under: "exec /usr/bin/strace -f -y -e trace=mkdir,fsync -o \(trace) \"$0\" \"$@\"",
        "hymba-convert",
        arguments: arguments + ["-o", folder.file(name)])
      #expect(run.status == 0, "\(run.errors)")
      let calls = String(decoding: try folder.read("trace"), as: UTF8.self).split(separator: "\n")
      let made = try #require(calls.firstIndex { $0.contains("mkdir(\"\(folder.file(name))\"") })
      let flushed = calls[made...].firstIndex {
        $0.contains("fsync(") && $0.contains("<\(folder.path)>)")
      }
      let files = calls[made...].firstIndex {
        $0.contains("fsync(") && $0.contains("<\(folder.file(name))/")
      }
      #expect(try #require(flushed) < (try #require(files)))
    }
  }
}
