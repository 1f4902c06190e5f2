import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Exports")
struct ModelExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ path: String, layout: String? = nil) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions(layout: layout))
  }

  private func options(
    _ output: String, layout: String? = nil, shardBytes: Int? = nil, cast: Cast? = nil,
    replace: Bool = false
  ) -> ModelExport.Options {
    ModelExport.Options(
      output: folder.file(output), layout: layout, shardBytes: shardBytes, cast: cast,
      replace: replace, jobs: 2, creator: "test", now: "2026-01-01T00:00:00Z")
  }

  @discardableResult
  private func export(_ model: OpenedModel, _ options: ModelExport.Options) throws -> ExportOutcome
  {
    try ModelExport(model, options).write()
  }

  private func expectEqual(
    _ a: any CheckpointSource, _ b: any CheckpointSource,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(Set(a.tensors) == Set(b.tensors), sourceLocation: sourceLocation)
    for tensor in b.tensors where a.tensors[tensor.name] == tensor {
      #expect(
        try a.bytes(of: tensor) == b.bytes(of: tensor), "\(tensor.name)",
        sourceLocation: sourceLocation)
    }
  }

  /// A file of a fixture without what lies beside it.
  private func alone(_ set: String, _ file: String) throws -> String {
    try folder.link(file, to: Fixture.path(set, file))
    return folder.file(file)
  }

  /// A Hugging Face folder with a tokenizer, some of it behind a symbolic link as in the library's cache.
  private func folderWithTokenizer() throws -> String {
    let source = "models--a--b/snapshots/0f"
    try folder.makeFolder(source)
    try folder.makeFolder("models--a--b/blobs")
    let set = Fixture.folder("hymba-nvidia-tiny")
    for name in ["config.json", "model.safetensors"] {
      try folder.link(source + "/" + name, to: set + "/" + name)
    }
    try folder.write("{}", to: "models--a--b/blobs/b1")
    try folder.link(source + "/tokenizer.json", to: "../../blobs/b1")
    try folder.link(source + "/generation_config.json", to: "tokenizer_config.json")
    for name in [
      "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json", "chat_template.jinja",
      "modeling_hymba.py", "README.md", "optimizer.pt",
    ] {
      try folder.write(name, to: source + "/" + name)
    }
    try folder.makeFolder(source + "/chat_templates")
    return folder.file(source)
  }

  @Test("a folder comes back as a folder: config.json verbatim, tokenizer and code copied")
  func huggingFaceFolder() throws {
    let source = try folderWithTokenizer()
    let outcome = try export(open(source), options("out"))
    let companions = [
      "config.json", "chat_template.jinja", "generation_config.json", "modeling_hymba.py",
      "special_tokens_map.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
    ]
    #expect(outcome.companions == companions)
    #expect(outcome.files == ["model.safetensors"])
    #expect(outcome.texts == [])
    #expect(
      try FileSystem.entries(of: folder.file("out"))
        == (companions + ["model.safetensors"]).sorted())
    for name in companions {
      #expect(
        try folder.read("out/" + name) == folder.read("models--a--b/snapshots/0f/" + name),
        "\(name)")
    }
    try expectEqual(SourceOpener.open(folder.file("out")), SourceOpener.open(source))
    #expect(try SafetensorsSource(folder.file("out/model.safetensors")).metadata["format"] == "pt")
  }

  @Test("by way of a container the config.json stays verbatim, and what is missing is said")
  func fromContainer() throws {
    let source = try open(Fixture.folder("hymba-nvidia-tiny"))
    try export(source, options("m.hymba"))
    let outcome = try export(open(folder.file("m.hymba")), options("out", layout: "nvidia-hymba"))
    #expect(
      outcome.texts == [
        "no tokenizer and no generation_config.json were copied, as the source is not a folder; copy the tokenizer's files from the original to run the model on text"
      ])
    #expect(
      try folder.read("out/config.json")
        == InputFile.contents(of: Fixture.path("hymba-nvidia-tiny", "config.json"), limit: 1 << 20))
    try expectEqual(
      SourceOpener.open(folder.file("out")),
      SourceOpener.open(Fixture.folder("hymba-nvidia-tiny")))
  }

  @Test(
    "without a config.json of the layout's kind one is made from the architecture, and that is said"
  )
  func noConfiguration() throws {
    let source = try open(Fixture.folder("hymba-nvidia-tiny"))
    let json = try #require(source.description.architecture)
    try folder.write(json, to: "architecture.json")
    let model = try OpenedModel.open(
      ModelInput(paths: [
        try alone("hymba-nvidia-tiny", "model.safetensors")
      ]), OpeningOptions(configuration: folder.file("architecture.json")))
    let outcome = try export(model, options("out"))
    #expect(
      outcome.texts == [
        "config.json was made from the architecture, as the checkpoint came without one of this kind; what changes no result has the values of the released models",
        "no tokenizer and no generation_config.json were copied, as the source is not a folder; copy the tokenizer's files from the original to run the model on text",
      ])
    #expect(
      try FileSystem.entries(of: folder.file("out")) == ["config.json", "model.safetensors"])
    #expect(try open(folder.file("out")).architecture == source.architecture)
  }

  @Test("shards hold what the original holds, and replace all that a library could load instead")
  func shards() throws {
    let source = Fixture.folder("hymba-nvidia-small-sharded")
    try folder.makeFolder("out")
    try folder.write("old", to: "out/model.safetensors")
    try folder.write("old", to: "out/model-00007-of-00009.safetensors")
    try folder.write("mine", to: "out/notes.txt")
    let model = try open(source)
    #expect { try export(model, options("out", shardBytes: 300_000)) } throws: {
      "\($0)"
        == "\(folder.file("out/model-00007-of-00009.safetensors")): exists already"
    }
    let outcome = try export(model, options("out", shardBytes: 300_000, replace: true))
    let total = try SourceOpener.open(source).tensors.totalBytes
    #expect(outcome.files.first == "model.safetensors.index.json")
    #expect(outcome.files.count - 1 >= total / 300_000)
    #expect(
      try FileSystem.entries(of: folder.file("out"))
        == (outcome.files + outcome.companions + ["notes.txt"]).sorted())
    for name in outcome.files.dropFirst() {
      let shard = try SafetensorsSource(folder.file("out/" + name))
      #expect(shard.tensors.totalBytes <= 300_000 || shard.tensors.count == 1)
      #expect(shard.metadata["format"] == "pt")
    }
    try expectEqual(SourceOpener.open(folder.file("out")), SourceOpener.open(source))
    try expectEqual(try open(folder.file("out")).parameters, model.parameters)
  }

  @Test(
    "an .nx comes back as an .nx with its spec, by way of a container too",
    arguments: ["edifice-hymba-tiny", "edifice-hymba-small", "edifice-hymba-same-dim"])
  func edifice(_ set: String) throws {
    let original = try EdificeSource(Fixture.path(set, "model.nx"))
    try export(open(original.location), options("m.hymba"))
    for source in [original.location, folder.file("m.hymba")] {
      let outcome = try export(open(source), options("out.nx", replace: true))
      #expect(outcome.layout == "edifice" && outcome.files == ["out.nx"])
      let left = Set(original.metadata.keys)
        .subtracting(["edifice_version", "nx_version", "created_at", "external"]).sorted()
      let note =
        "written as texts in the metadata, also what was a number or an atom: \(left.joined(separator: ", "))"
      #expect(outcome.texts == (left.isEmpty ? [] : [note]))
      let written = try EdificeSource(folder.file("out.nx"))
      try expectEqual(written, original)
      #expect(written.embeddedConfiguration?.text == original.embeddedConfiguration?.text)
      #expect(written.metadata == original.metadata)
    }
  }

  @Test("the spec of a checkpoint without one comes from its options or its architecture")
  func derivedSpec() throws {
    let options = Fixture.path("edifice-hymba-tiny", "build_opts.json")
    for configuration in [options, nil] {
      let source =
        configuration == nil
        ? folder.file("own.safetensors") : Fixture.path("edifice-hymba-tiny", "model.safetensors")
      if configuration == nil {
        try export(
          open(Fixture.path("edifice-hymba-tiny", "model.nx")),
          self.options("own.safetensors", layout: "hymba"))
      }
      let model = try OpenedModel.open(
        ModelInput(paths: [source]), OpeningOptions(configuration: configuration))
      let outcome = try export(model, self.options("out.nx", replace: true))
      // What a file of another layout says of itself is not true of this one.
      if configuration == nil {
        #expect(
          outcome.texts == ["of the metadata only the spec is written, without hymba.architecture"])
      }
      let written = try EdificeSource(folder.file("out.nx"))
      let spec = try JSONValue(
        parsing: Array(try #require(written.embeddedConfiguration?.text).utf8))
      #expect(spec["arch"] == .string("hymba"))
      for (name, value) in [
        "embed_dim": 12, "hidden_size": 8, "state_size": 4, "num_layers": 2, "num_heads": 2,
        "num_meta_tokens": 3,
      ] {
        #expect(spec["build_opts"]?[name] == .integer(value), "\(name)")
      }
      #expect(written.metadata["created_at"] == "2026-01-01T00:00:00Z")
      #expect(written.metadata["edifice_version"] == "unknown")
      #expect(try open(folder.file("out.nx")).architecture == model.architecture)
    }
  }

  @Test("an assumed number of heads does not become a spec")
  func noSpec() throws {
    let outcome = try export(
      open(alone("edifice-hymba-tiny", "bare.nx")),
      options("out.nx"))
    #expect(
      outcome.texts == [
        "no spec was written, as the checkpoint came without one and its number of heads is not known"
      ])
    #expect(try EdificeSource(folder.file("out.nx")).embeddedConfiguration == nil)
  }

  @Test("neither does one that was assumed for a layout of the user's own")
  func noSpecOfOwnLayout() throws {
    var layout = try LayoutCatalog.layout("edifice")
    layout.name = "own"
    layout.assume = nil
    let document = try folder.write(layout.json, to: "own.json")
    try export(
      open(alone("edifice-hymba-tiny", "bare.nx"), layout: document), options("own.hymba"))
    let outcome = try export(open(folder.file("own.hymba")), options("out.nx", layout: "edifice"))
    #expect(outcome.texts.count == 1 && outcome.texts[0].hasPrefix("no spec was written"))
    #expect(try EdificeSource(folder.file("out.nx")).embeddedConfiguration == nil)
  }

  @Test("a container is written without compression, under our names, with all that is known")
  func container() throws {
    let model = try open(Fixture.folder("hymba-nvidia-tiny"))
    try export(model, options("m.hymba"))
    let container = try ContainerSource(folder.file("m.hymba"))
    #expect(container.manifest.tensors.allSatisfy { $0.encoding == .raw })
    #expect(container.manifest.description == model.description)
    try expectEqual(container, model.parameters)
  }

  @Test("a checkpoint that is kept verbatim keeps its names")
  func verbatim() throws {
    let path = Fixture.path("hymba-nvidia-tiny", "expected.safetensors")
    let model = try open(path, layout: "verbatim")
    for output in ["v.hymba", "v.safetensors"] {
      try export(model, options(output))
      try expectEqual(SourceOpener.open(folder.file(output)), SourceOpener.open(path))
    }
  }

  private static let impossibleOutputs:
    [(output: String, layout: String?, isSharded: Bool, String)] = [
      (
        "x.hymba", "edifice", false,
        "a container holds the names of the layout hymba and gives the others back at the next export"
      ),
      (
        "x.nx", "hymba", false,
        "an .nx file holds a checkpoint of Edifice, and the layout hymba is not one of Edifice's"
      ),
      (
        "x.nx", nil, true,
        "“x.nx” is the name of one file, and the checkpoint is to be divided into several; name a folder instead"
      ),
      (
        "x.safetensors", nil, true,
        "“x.safetensors” is the name of one file, and the checkpoint is to be divided into several; name a folder instead"
      ),
      (
        "x.hymba", nil, true,
        "“x.hymba” is the name of one file, and the checkpoint is to be divided into several; name a folder instead"
      ),
    ]

  @Test("an output that cannot hold what is asked is refused", arguments: impossibleOutputs.indices)
  func impossible(_ index: Int) throws {
    let (output, layout, isSharded, message) = Self.impossibleOutputs[index]
    let model = try open(Fixture.path("edifice-hymba-tiny", "model.nx"))
    #expect {
      try export(model, options(output, layout: layout, shardBytes: isSharded ? 1000 : nil))
    } throws: {
      "\($0)" == message && ($0 as? ConversionError)?.kind == .usage
    }
    #expect(try folder.entries == [])
  }

  @Test(
    "a cast that loses values leaves nothing, in whatever form",
    arguments: ["x.hymba", "x.nx", "x.safetensors", "folder"])
  func lossyCast(_ output: String) throws {
    let source = try SafetensorsSource(Fixture.path("edifice-hymba-tiny", "model.safetensors"))
    let name = "final_norm.beta"
    let bytes = [Float](repeating: 1e30, count: 8).littleEndianBytes
    try SafetensorsWriter.write(
      MemorySource(copying: source, changing: [name: bytes]), to: folder.file("m.safetensors"),
      replace: false)
    let model = try OpenedModel.open(
      ModelInput(paths: [folder.file("m.safetensors")]),
      OpeningOptions(configuration: Fixture.path("edifice-hymba-tiny", "build_opts.json")))
    let shardBytes = output == "folder" ? 1000 : nil
    let message =
      "8 finite values become infinite in F16, most of them in “final_norm.bias”, and none may"
    #expect {
      try export(model, options(output, shardBytes: shardBytes, cast: Cast(to: .float16)))
    } throws: {
      "\($0)" == "\(folder.file("m.safetensors")): \(message)"
    }
    #expect(try folder.entries == ["m.safetensors"])

    let forced = try export(
      model,
      options(output, shardBytes: shardBytes, cast: Cast(to: .float16, acceptsLoss: true)))
    #expect(forced.cast?.overflowed == 8)
    #expect(
      forced.texts.last
        == "lost in the cast, as was allowed: 8 finite values became infinite in F16, most of them in “final_norm.bias”"
    )
    let kept = Cast(to: .float16, keepF32: [NameGlob("*norm*")])
    let outcome = try export(
      model, options(output, shardBytes: shardBytes, cast: kept, replace: true))
    #expect(outcome.cast?.overflowed == 0)
    let written = try SourceOpener.open(folder.file(output))
    let (norm, kernel) =
      output == "x.hymba"
      ? ("final_norm.bias", "layers.0.mamba.in_proj.weight")
      : (name, "hymba_block_1_mamba_in_proj.kernel")
    #expect(written.tensors[norm]?.type == .float32)
    #expect(written.tensors[kernel]?.type == .float16)
    #expect(try written.bytes(of: try #require(written.tensors[norm])) == bytes)
  }

  @Test("a cast folder's config.json is kept, and what it says of the type is pointed out")
  func typeNote() throws {
    let source = Fixture.folder("hymba-nvidia-tiny")
    let outcome = try export(open(source), options("out", cast: Cast(to: .bfloat16)))
    #expect(
      outcome.texts.first
        == "config.json is kept as it was and says torch_dtype float32, but the tensors are BF16 now"
    )
    #expect(try open(folder.file("out")).parameters.tensors.allSatisfy { $0.type == .bfloat16 })
  }

  @Test("a container remembers that it was cast")
  func remembered() throws {
    try export(
      open(Fixture.folder("hymba-nvidia-tiny")),
      options("m.hymba", cast: Cast(to: .bfloat16, keepF32: [NameGlob("*.A_log")])))
    let assumptions = try open(folder.file("m.hymba")).assumptions
    let source = try open(Fixture.folder("hymba-nvidia-tiny")).parameters.tensors
    let kept = source.count { $0.name.hasSuffix(".A_log") }
    #expect(
      assumptions.last
        == "cast to BF16, rounded to nearest even: \(source.count - kept) of the tensors to BF16 and \(kept) in F32; values that became infinite: 0, zero: 0"
    )
  }
}
