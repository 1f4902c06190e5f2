import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints
@testable import HymbaConversion

/// PyTorch and NumPy checkpoints through the same door as all others.
@Suite struct ForeignOpeningTests {
  private func open(_ path: String, _ options: OpeningOptions = OpeningOptions()) throws
    -> OpenedModel
  {
    try OpenedModel.open(ModelInput(paths: [path]), options)
  }

  private func fingerprint(_ model: OpenedModel) throws -> SHA256Digest {
    try Fingerprint.compute(of: model.parameters, jobs: 2)
  }

  @Test("a folder with pytorch_model.bin is the model that its safetensors shards are")
  func folder() throws {
    let set = Fixture.folder("hymba-nvidia-small-sharded")
    let torch = try open(set + "/torch")
    let expected = try open(set)
    #expect(torch.architecture == expected.architecture)
    #expect(try fingerprint(torch) == fingerprint(expected))
    // The PyTorch file also holds the tied head, whose bytes are the embedding's.
    #expect(torch.layout.variant.text == "with lm_head.weight" && expected.layout.variant.isPlain)
  }

  @Test("an .npz is the model that its safetensors is")
  func npz() throws {
    let options = OpeningOptions(
      configuration: Fixture.path("edifice-hymba-tiny", "build_opts.json"))
    let numPy = try open(Fixture.path("npz", "edifice-hymba-tiny.npz"), options)
    let expected = try open(Fixture.path("edifice-hymba-tiny", "model.safetensors"), options)
    #expect(try fingerprint(numPy) == fingerprint(expected))
  }

  @Test("a folder prefers safetensors, then an index of .bin shards, then pytorch_model.bin")
  func order() throws {
    let folder = try TemporaryFolder()
    let verbatim = OpeningOptions(layout: "verbatim")
    func copy(_ fixture: String, to name: String) throws {
      try folder.write(
        InputFile.contents(of: Fixture.path("torch", fixture), limit: 1 << 20), to: name)
    }
    try copy("types.pt", to: "pytorch_model.bin")
    #expect(try open(folder.path, verbatim).parameters.tensors["float64"] != nil)
    for name in [
      "pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin",
      "pytorch_model-00002-of-00002.bin",
    ] { try copy("sharded/" + name, to: name) }
    let sharded = try open(folder.path, verbatim)
    let expected = try SafetensorsSource(Fixture.path("torch", "state-dict.safetensors"))
    #expect(
      try fingerprint(sharded) == Fingerprint.compute(of: expected, jobs: 1))
    #expect(
      sharded.description.files.map(\.name) == [
        "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
      ])
    try copy("nested.safetensors", to: "model.safetensors")
    #expect(try open(folder.path, verbatim).parameters.tensors["encoder.weight"] != nil)
  }

  @Test("what a training checkpoint holds beside its weights is kept with the container")
  func notes() throws {
    let folder = try TemporaryFolder()
    let model = try open(
      Fixture.path("torch", "wrapped.pt"), OpeningOptions(layout: "verbatim"))
    let notes = [
      "the weights are those in “model”",
      "left aside as the state of training: “optimizer_state_dict” (300 bytes)",
    ]
    #expect(model.assumptions == notes)
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: folder.file("m.hymba"))
    #expect(try open(folder.file("m.hymba")).assumptions == notes)
  }

  @Test("names under module. and _orig_mod. are the layout's own behind a prefix")
  func prefixes() throws {
    let set = "edifice-hymba-tiny"
    let source = try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    let wrapped = try MemorySource(
      source.tensors.map {
        .init("module._orig_mod." + $0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
      })
    let folder = try TemporaryFolder()
    let path = folder.file("wrapped.safetensors")
    try SafetensorsWriter.write(wrapped, to: path, replace: false)
    let options = OpeningOptions(configuration: Fixture.path(set, "build_opts.json"))
    let model = try open(path, options)
    #expect(model.layout.variant.text == "under module.; wrapped module: _orig_mod")
    #expect(
      try fingerprint(model) == fingerprint(open(Fixture.path(set, "model.safetensors"), options)))
  }

  @Test("tied weights of a PyTorch file are compressed once")
  func tied() throws {
    let folder = try TemporaryFolder()
    let model = try open(
      Fixture.path("torch", "state-dict.pt"), OpeningOptions(layout: "verbatim"))
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: folder.file("m.hymba"))
    let container = try ContainerSource(folder.file("m.hymba"))
    #expect(
      container.manifest.aliases.map { [$0.name, $0.of] }.contains {
        Set($0) == ["embed_tokens.weight", "lm_head.weight"]
      })
  }

  @Test("a pickle that would only run something is refused with the file's name in front")
  func hostile() throws {
    let path = Fixture.path("torch", "legacy-system.pt")
    #expect {
      try open(path)
    } throws: {
      "\($0)"
        == "\(path): the pickle holds no tensors; it would run “posix.system”, which is not done here"
    }
  }

  @Test("an unpacked PyTorch archive is named with the way out, its folder and its pickle")
  func unpacked() throws {
    let folder = try TemporaryFolder()
    let archive = try ZipArchive(Fixture.path("torch", "types.pt"))
    let pickle = try #require(archive["types/data.pkl"])
    try folder.write(archive.content(of: pickle, limit: 1 << 20), to: "data.pkl")
    let name = FileSystem.name(of: folder.path)
    #expect {
      try open(folder.path)
    } throws: {
      "\($0)"
        == "\(folder.path): this is an unpacked PyTorch archive: name the .pt that it came from, or pack it again, in the folder above it, with zip -0 -r \(name).pt \(name)"
    }
    let path = folder.file("data.pkl")
    #expect {
      try open(path)
    } throws: {
      "\($0)"
        == "\(path): this is the pickle of an unpacked PyTorch archive: name the .pt that it came from, or pack its folder again with zip -0 -r NEW.pt FOLDER"
    }
  }

  @Test("a folder with nothing but an adapter is named")
  func adapter() throws {
    let folder = try TemporaryFolder()
    try folder.write("{}", to: "adapter_config.json")
    #expect {
      try open(folder.path)
    } throws: {
      "\($0)"
        == "\(folder.path): this is a folder with an adapter, not a model: merge it into its base model first"
    }
  }
}
