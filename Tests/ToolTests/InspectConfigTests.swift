import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Configurations and notes in hymba-inspect")
struct InspectConfigTests {
  private static let tiny = Fixture.folder("hymba-nvidia-tiny")
  private static let bare = Fixture.path("hymba-nvidia-tiny", "config.json")

  @Test("config shows a bare configuration as it shows the checkpoint, but for the layout")
  func bareConfiguration() throws {
    // A wide line keeps what only one of the two says in one line.
    func config(_ path: String) throws -> ToolProcess {
      try ToolProcess(
        under: "COLUMNS=200; export COLUMNS", "hymba-inspect", arguments: ["config", path])
    }
    let bare = try config(Self.bare)
    let whole = try config(Self.tiny)
    #expect(bare.status == 0 && bare.errors == "")
    let lines = whole.output.split(separator: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("  configuration    config.json") })
    // Only a bare configuration tells what the weights would be, and in how many tensors.
    let shown = bare.output.split(separator: "\n").filter {
      !$0.hasPrefix("  in files ") && !$0.hasPrefix("  weights ")
    }
    #expect(shown == [Substring(Self.bare)] + lines[start...])

    let json = try ToolProcess("hymba-inspect", "config", Self.bare, "--json").json
    let other = try ToolProcess("hymba-inspect", "config", Self.tiny, "--json").json
    #expect(json["layout"] is NSNull && json["reason"] is NSNull)
    for key in ["architecture", "configuration", "parameterCount", "tensorCount", "sizes", "cache"] {
      #expect(json[key] as? NSObject == other[key] as? NSObject, "\(key)")
    }
    // Where a checkpoint is needed, the way here is said.
    let listing = try ToolProcess("hymba-inspect", Self.bare)
    #expect(listing.status == 65)
    #expect(
      listing.errors
        == "error: \(Self.bare): this is a configuration and not a checkpoint; name the weights, or the folder that holds both, and pass the configuration with --config where it does not lie beside them (hymba-inspect config shows what it says)\n"
    )
  }

  @Test("a folder with a configuration alone is shown as that, with what its weights would take")
  func folderWithoutWeights() throws {
    let folder = try TemporaryFolder()
    try folder.link("config.json", to: Fixture.path("jamba-tiny", "config.json"))
    let run = try ToolProcess("hymba-inspect", "config", folder.path)
    #expect(run.status == 0 && run.errors == "")
    #expect(run.output.hasPrefix("\(folder.path)\n  configuration    config.json\n"))
    #expect(
      run.output.contains(
        """
          parameters       154,642 in 163 tensors
          weights          none were seen; they would take 309 kB as BF16 or F16, and
                           619 kB as F32
          in files         163 tensors in the layout hf-jamba
          in files         127 tensors in the layout gguf-jamba
          in files         123 tensors in the layout hf-jamba-stacked
          layers in order  mMaMmMaM
                           (m Mamba; a attention; capital: with experts)

        """), "\(run.output)")
    let json = try ToolProcess("hymba-inspect", "config", folder.path, "--json").json
    #expect(json["source"] as? String == folder.path && json["layout"] is NSNull)
    #expect(json["pattern"] as? String == "mMaMmMaM")
    // Weights in the folder are not passed over.
    try folder.write("", to: "other.safetensors")
    #expect(try ToolProcess("hymba-inspect", "config", folder.path).status == 65)
  }

  @Test("a configuration of another model is one sentence with its type")
  func otherModel() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(#"{"model_type":"gpt2","hidden_size":4}"#, to: "config.json")
    for source in [path, folder.path] {
      let run = try ToolProcess("hymba-inspect", "config", source)
      #expect(run.status == 65 && run.output == "" && run.errors.count { $0 == "\n" } == 1)
      #expect(run.errors.contains("it is a config.json of another model (“gpt2”) than Hymba, "))
    }
  }

  @Test("what a bare configuration says twice is a warning of every command that takes one")
  func notes() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"{"embed_dim":4,"hidden_size":8,"num_layers":1,"num_layers":2,"num_heads":2,"state_size":16,"num_meta_tokens":4}"#,
      to: "c.json")
    let warning =
      "warning: \(path): in c.json, “num_layers” is given more than once; the last value counts, as in Python\n"
    let compare = try ToolProcess("hymba-inspect", "compare", path, Self.bare)
    #expect(compare.status == 0 && compare.errors == warning)
    let new = try ToolProcess(
      "hymba-convert", "init", "--config", path, "-o", folder.file("m.hymba"), "--no-verify")
    #expect(new.status == 0 && new.errors == warning)
    let config = try ToolProcess("hymba-inspect", "config", path)
    #expect(
      config.output.hasSuffix(
        "  note             in c.json, “num_layers” is given more than once; the last\n                   value counts, as in Python\n"
      ))
    for command in [
      ["hymba-inspect", "compare", path, Self.bare],
      ["hymba-convert", "init", "--config", path, "-o", folder.file("n.hymba")],
    ] {
      let quiet = try ToolProcess(command[0], arguments: command.dropFirst() + ["--quiet"])
      #expect(quiet.status == 0 && quiet.errors == "")
    }
  }

  @Test("what a conversion left aside is told by it, and by the container's listing, not at each use")
  func leftAside() throws {
    let folder = try TemporaryFolder()
    let source = Fixture.path("torch", "wrapped.pt")
    let container = folder.file("m.hymba")
    let which = "the weights are those in “model”"
    let left = "left aside as the state of training: “optimizer_state_dict” (300 bytes)"
    func warnings(_ path: String, _ notes: String...) -> String {
      notes.map { "warning: \(path): \($0)\n" }.joined()
    }
    let conversion = try ToolProcess(
      "hymba-convert", source, "-o", container, "--layout", "verbatim")
    #expect(conversion.status == 0 && conversion.errors == warnings(source, which, left))
    let use = try ToolProcess("hymba-inspect", container)
    #expect(use.status == 0 && use.errors == warnings(container, which))
    let listing = try ToolProcess("hymba-inspect", "container", container)
    #expect(listing.output.contains("\nnote         \(which)\nnote         left aside as the state"))
    let json = try ToolProcess("hymba-inspect", "container", container, "--json").json
    #expect(json["assumptions"] as? [String] == [which, left])
  }

  @Test("more shards than files may be open at once are one sentence with the way out")
  func openFiles() throws {
    let folder = try TemporaryFolder()
    var map: [String] = []
    for number in 0..<120 {
      let tensor = MemorySource.Entry("t\(number)", .uint8, [1], [0])
      try SafetensorsWriter.write(
        MemorySource([tensor]), to: folder.file("s\(number).safetensors"), replace: false)
      map.append("\"t\(number)\":\"s\(number).safetensors\"")
    }
    let index = try folder.write(
      "{\"weight_map\":{\(map.joined(separator: ","))}}", to: "m.safetensors.index.json")
    let arguments = [index, "--layout", "verbatim", "--filter", "t0"]
    #expect(try ToolProcess("hymba-inspect", arguments: arguments).status == 0)
    let run = try ToolProcess(under: "ulimit -n 64", "hymba-inspect", arguments: arguments)
    #expect(run.status == 74 && run.output == "")
    #expect(
      run.errors.hasSuffix(
        ".safetensors: cannot be read: as many files are open as may be at once; raise that number with ulimit -n, or make fewer shards\n"
      ), "\(run.errors)")
    #expect(run.errors.count { $0 == "\n" } == 1)
  }
}
