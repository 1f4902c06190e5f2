import HymbaFormat
import TestSupport
import Testing

@Suite("The way out of the tools")
struct ExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func json(_ arguments: String...) throws -> [String: Any] {
    let run = try ToolProcess("hymba-convert", arguments: arguments + ["--json"])
    #expect(run.status == 0, "\(run.errors)")
    return try run.json
  }

  @Test("sizes of shards are read as people write them", arguments: ["20kB", "20000", "20KB"])
  func shardSize(_ size: String) throws {
    let outcome = try json(
      "export", Fixture.folder("hymba-nvidia-tiny"), "-o", folder.file("out"), "--shard-size", size)
    let files = try #require(outcome["files"] as? [String])
    #expect(files[0] == "model.safetensors.index.json")
    for name in files.dropFirst() {
      let shard = try SafetensorsSource(folder.file("out/" + name))
      #expect(shard.tensors.totalBytes <= 20_000 || shard.tensors.count == 1)
    }
    let verify = try ToolProcess(
      "hymba-verify", folder.file("out"), "--expect",
      Fixture.path("hymba-nvidia-tiny", "expected.safetensors"), "--quiet")
    #expect(verify.status == 0, "\(verify.output)")
  }

  @Test("what is no size is a usage error", arguments: ["0", "5XB", "-1GB", "GB", "0.2B", "1.GB", ".5GB", "1.2.3GB", "1e3"])
  func badSize(_ size: String) throws {
    for option in [["--shard-size", size], ["--shard-size=\(size)"]] {
      let run = try ToolProcess(
        "hymba-convert",
        arguments: ["export", Fixture.sample("model.nx"), "-o", folder.file("out")] + option)
      #expect(run.status == 64)
      #expect(
        run.errors.hasPrefix(
          "error: the value '\(size)' is invalid for '--shard-size <size>': expected a size above 0 like 5GB, 1.5MB or 2GiB\n"
        ), "\(run.errors)")
      #expect(try folder.entries == [])
    }
  }

  @Test("an .nx and a container are written by their names")
  func forms() throws {
    for name in ["out.nx", "out.hymba"] {
      let outcome = try json("export", Fixture.sample("model.nx"), "-o", folder.file(name))
      #expect(outcome["files"] as? [String] == [name])
      let run = try ToolProcess(
        "hymba-verify", folder.file(name), "--expect", Fixture.sample("eval.safetensors"), "--quiet"
      )
      #expect(run.status == 0, "\(run.output)")
    }
    let again = try ToolProcess(
      "hymba-convert", "export", Fixture.sample("model.nx"), "-o", folder.file("out.nx"))
    #expect(again.status == 73)
    #expect(
      again.errors
        == "error: \(folder.file("out.nx")): exists already; pass --force to replace it\n")
  }

  /// The trained sample with one number that F16 cannot hold.
  private func withLargeValue() throws -> String {
    let source = try SafetensorsSource(Fixture.sample("model.safetensors"))
    let name = "final_norm.beta"
    var bytes = try source.bytes(of: try #require(source.tensors[name]))
    bytes.replaceSubrange(4..<8, with: [Float](repeating: -70_000, count: 1).littleEndianBytes)
    try SafetensorsWriter.write(
      MemorySource(copying: source, changing: [name: bytes]), to: folder.file("m.safetensors"),
      replace: false)
    try folder.link("build_opts.json", to: Fixture.sample("build_opts.json"))
    return folder.file("m.safetensors")
  }

  @Test("a cast is counted, refused with one sentence, and written with --allow-loss, which replaces nothing")
  func cast() throws {
    let source = try withLargeValue()
    let before = try folder.entries
    for arguments in [["checkpoints"], ["export"]] {
      let output = folder.file(arguments[0] + (arguments == ["export"] ? ".safetensors" : ".hymba"))
      let command = arguments + [source, "-o", output, "--dtype", "f16", "--json"]
      let refused = try ToolProcess("hymba-convert", arguments: command)
      #expect(refused.status == 1)
      #expect(
        refused.errors.hasSuffix(
          "error: \(source): 1 finite value becomes infinite in F16, in “final_norm.bias”, and none may; choose a wider --dtype, keep such tensors with --keep-f32, or pass --allow-loss\n"
        ))
      #expect(
        try folder.entries.filter { !before.contains($0) && $0.hasPrefix(arguments[0]) } == [])

      #expect(
        try ToolProcess("hymba-convert", arguments: command + ["--force"]).errors == refused.errors)

      let forced = try ToolProcess("hymba-convert", arguments: command + ["--allow-loss"])
      #expect(forced.status == 0)
      #expect(
        forced.errors.hasSuffix(
          "note: \(output): lost in the cast, as --allow-loss has it: 1 finite value became infinite in F16, in “final_norm.bias”\n"
        ))
      let again = try ToolProcess("hymba-convert", arguments: command + ["--allow-loss"])
      #expect(
        again.status == 73
          && again.errors.hasSuffix("\(output): exists already; pass --force to replace it\n"))
      let document = try forced.json
      let outcome = (document["conversions"] as? [[String: Any]])?.first ?? document
      let cast = try #require(outcome["cast"] as? [String: Any])
      #expect(cast["dtype"] as? String == "F16" && cast["overflowed"] as? Int == 1)
    }
  }

  @Test("--keep-f32 leaves parameters in F32, and the container says what was cast")
  func keep() throws {
    let output = folder.file("m.hymba")
    let outcome = try json(
      "checkpoints", Fixture.sample("model.nx"), "-o", output, "--dtype", "BF16", "--keep-f32",
      "*norm*", "--keep-f32", "*.mamba.dt_proj.bias")
    let conversions = try #require(outcome["conversions"] as? [[String: Any]])
    let cast = try #require(conversions[0]["cast"] as? [String: Any])
    #expect(cast["keptF32"] as? Int == 17 && cast["cast"] as? Int == 94 - 17)
    #expect(
      conversions[0]["assumptions"] as? [String] == [
        "cast to BF16, rounded to nearest even: 77 of the tensors to BF16 and 17 in F32; values that became infinite: 0, zero: 0"
      ])
    let container = try ContainerSource(output)
    for tensor in container.tensors {
      let isKept = tensor.name.contains("norm") || tensor.name.hasSuffix(".mamba.dt_proj.bias")
      #expect(tensor.type == (isKept ? .float32 : .bfloat16), "\(tensor.name)")
    }
    #expect(try ToolProcess("hymba-verify", "container", output).status == 0)
    #expect(try ToolProcess("hymba-verify", "forward", output).status == 0)
  }

  @Test("a checkpoint of a user's layout is exported from where it lies, and from its container")
  func userLayout() throws {
    let source = Fixture.folder("user-layout")
    let layout = Fixture.path("user-layout", "plum.json")
    let direct = try json(
      "export", source, "--source-layout", layout, "--layout", layout, "-o",
      folder.file("direct.safetensors"))
    #expect(direct["layout"] as? String == layout)
    let convert = try ToolProcess(
      "hymba-convert", source, "--layout", layout, "-o", folder.file("plum.hymba"))
    #expect(convert.status == 0)
    // The container remembers the layout's name, and that is not where the document is.
    for output in ["back", "back.safetensors"] {
      let run = try ToolProcess(
        "hymba-convert", "export", folder.file("plum.hymba"), "-o", folder.file(output))
      #expect(run.status == 64)
      #expect(
        run.errors
          == "error: it came from the layout “plum”, which is a document of its own; pass that with --layout, or the name of a built-in layout\n"
      )
    }
    _ = try json(
      "export", folder.file("plum.hymba"), "--layout", layout, "-o",
      folder.file("again.safetensors"))
    #expect(
      try folder.read("direct.safetensors") == folder.read("again.safetensors"))
  }

  @Test("a name that promises a format that is not written is refused")
  func foreignSuffix() throws {
    let run = try ToolProcess(
      "hymba-convert", "export", Fixture.sample("model.nx"), "-o", folder.file("x.npz"))
    #expect(run.status == 64)
    #expect(
      run.errors
        == "error: .npz files are not written; name a .safetensors, .gguf, .nx or .hymba file, or a folder\n"
    )
    #expect(try folder.entries == [])
  }

  @Test("casting options that cannot be are usage errors")
  func usage() throws {
    for (options, message) in [
      (["--keep-f32", "*"], "--keep-f32 says what --dtype leaves alone; give --dtype too\n"),
      (["--allow-loss"], "--allow-loss accepts what --dtype loses; give --dtype too\n"),
      (["--dtype", "I8"], "error: the value 'I8' is invalid for '--dtype <type>'; expected one of 'F64', 'F32', 'F16', 'BF16' or 'Q8_0'\n"),
    ] {
      let run = try ToolProcess(
        "hymba-convert",
        arguments: [Fixture.sample("model.nx"), "-o", folder.file("x.hymba")] + options)
      #expect(run.status == 64)
      #expect(run.errors.contains(message), "\(run.errors)")
    }
    let unused = try ToolProcess(
      "hymba-convert", Fixture.sample("model.nx"), "-o", folder.file("x.hymba"), "--dtype", "F16",
      "--keep-f32", "nothing")
    #expect(unused.status == 64)
    #expect(
      unused.errors
        == "error: \(Fixture.sample("model.nx")): no floating-point tensor has a name like “nothing”, which --keep-f32 gives\n"
    )
    #expect(try folder.entries == [])
  }
}
