import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Opening checkpoints")
struct OpeningTests {
  private func open(
    _ path: String, configuration: String? = nil, layout: String? = nil
  ) throws -> OpenedModel {
    try OpenedModel.open(
      ModelInput(paths: [path]), OpeningOptions(configuration: configuration, layout: layout))
  }

  private func message(_ body: () throws -> OpenedModel) -> String {
    do {
      _ = try body()
      return "opened"
    } catch { return "\(error)" }
  }

  /// A copy of the tiny set's safetensors, changed.
  private func tiny(
    in folder: TemporaryFolder, named name: String = "m.safetensors",
    _ change: (inout [MemorySource.Entry]) throws -> Void = { _ in }
  ) throws -> String {
    let source = try SafetensorsSource(Fixture.path("edifice-hymba-tiny", "model.safetensors"))
    var entries = try source.tensors.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    try change(&entries)
    try SafetensorsWriter.write(MemorySource(entries), to: folder.file(name), replace: true)
    return folder.file(name)
  }

  private let tinyOptions = Fixture.path("edifice-hymba-tiny", "build_opts.json")

  @Test("all forms of one Edifice checkpoint give one fingerprint")
  func fingerprints() throws {
    let files = ["model.nx", "model.zlib.nx", "model.otp26.nx", "bare.nx", "model.safetensors"]
    let fingerprints = try files.map {
      try Fingerprint.compute(of: open(Fixture.path("edifice-hymba-tiny", $0)).parameters, jobs: 1)
    }
    #expect(Set(fingerprints).count == 1)
  }

  @Test(
    "an Edifice checkpoint in HDF5 gives the fingerprint of its safetensors",
    arguments: ["flat.h5", "nested.h5", "big-endian.h5", "keras2-weights.h5", "keras2-model.h5"])
  func hdf5(_ file: String) throws {
    let model = try open(Fixture.path("hdf5", file), configuration: tinyOptions)
    let original = try open(Fixture.path("edifice-hymba-tiny", "model.safetensors"))
    #expect(model.layout.name == "edifice")
    #expect(
      try Fingerprint.compute(of: model.parameters, jobs: 2)
        == Fingerprint.compute(of: original.parameters, jobs: 1))
  }

  @Test(
    "an HDF5 file loses its extension in the model's name",
    arguments: [
      ("a/m.h5", "m"), ("m.weights.h5", "m"), ("m.hdf5", "m"), ("m.v2.h5", "m.v2"), (".h5", ".h5"),
    ])
  func hdf5Name(_ path: String, _ name: String) {
    #expect(ModelInput(paths: [path]).name == name)
  }

  @Test(
    "export to the layout it came from gives names, shapes and bits back",
    arguments: ["edifice-hymba-tiny", "edifice-hymba-small", "edifice-hymba-same-dim"])
  func identity(_ set: String) throws {
    let original = try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    let back = try open(Fixture.path(set, "model.safetensors")).exported(to: "edifice")
    #expect(Set(back.tensors.map { $0 }) == Set(original.tensors.map { $0 }))
    for tensor in original.tensors {
      #expect(try back.bytes(of: tensor) == original.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("names nested under another key are found, and the nesting is restored on export")
  func nested() throws {
    let folder = try TemporaryFolder()
    let path = try tiny(in: folder) { entries in
      entries = entries.map { .init("params.data." + $0.name, $0.type, $0.dimensions, $0.bytes) }
    }
    let model = try open(path, configuration: tinyOptions)
    #expect(model.layout == LayoutReference(name: "edifice", variant: NameVariant(prefix: "params.data.")))
    #expect(model.reason.hasSuffix(" under params.data."))
    let back = try model.exported(to: "edifice")
    #expect(back.tensors["params.data.final_norm.beta"] != nil)
  }

  @Test(
    "without a configuration the sizes come from shapes, and the number of heads is assumed aloud")
  func assumed() throws {
    let folder = try TemporaryFolder()
    let model = try open(tiny(in: folder))
    #expect(
      model.assumptions == [
        "num_heads is assumed to be 4: no configuration says it and no tensor's shape depends on it",
        "read off the tensors' shapes: embed_dim 12, hidden_size 8, num_layers 2, num_meta_tokens 3, state_size 4",
      ])
    #expect(model.architecture?.sizes(layer: 0)["heads"] == 4)
    let right = try open(tiny(in: folder), configuration: tinyOptions)
    #expect(right.assumptions == [] && right.architecture?.sizes(layer: 0)["heads"] == 2)
  }

  @Test("a configuration file that leaves the number of heads out gets the default, aloud")
  func silentDefault() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3}"#,
      to: "build_opts.json")
    #expect(
      try open(tiny(in: folder)).assumptions == [
        "num_heads is assumed to be 4, its default, as build_opts.json does not give it"
      ])
  }

  /// Edifice's layout as a user's document of another name.
  private func ownLayout(in folder: TemporaryFolder, assume: [String: Int]?) throws -> String {
    var layout = try LayoutCatalog.layout("edifice")
    layout.name = "own"
    layout.assume = assume
    return try folder.write(layout.json, to: "own.json")
  }

  @Test("the number of heads is assumed aloud whether the layout assumes one or not")
  func assumedByLayout() throws {
    let folder = try TemporaryFolder()
    let path = try tiny(in: folder)
    func heads(_ assume: [String: Int]?) throws -> (Int?, String?) {
      let layout = try ownLayout(in: folder, assume: assume)
      let model = try open(path, layout: layout)
      return (model.architecture?.sizes(layer: 0)["heads"], model.assumptions.first)
    }
    let why =
      ": no configuration says it and no tensor's shape depends on it"
    #expect(try heads(nil) == (4, "num_heads is assumed to be 4" + why))
    let two = try heads(["num_heads": 2])
    #expect(two == (2, "num_heads is assumed to be 2" + why))
    // What is read off a shape is not assumed.
    let both = try heads(["num_heads": 2, "hidden_size": 9])
    #expect(both == two)
    // What a configuration leaves out has Edifice's default, whatever the layout assumes.
    try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3}"#,
      to: "build_opts.json")
    #expect(
      try heads(["num_heads": 2])
        == (4, "num_heads is assumed to be 4, its default, as build_opts.json does not give it"))
  }

  @Test("a config.json of another program does not hide the build_opts.json beside it")
  func otherProgram() throws {
    let folder = try TemporaryFolder()
    let path = try tiny(in: folder)
    try folder.write(#"{"lr":0.1}"#, to: "config.json")
    #expect(message { try open(path) }.hasPrefix(folder.file("config.json") + ": not a config"))
    try folder.link("build_opts.json", to: tinyOptions)
    #expect(try open(path).architecture?.sizes(layer: 0)["heads"] == 2)
  }

  @Test("a configuration that contradicts the tensors is refused with both")
  func disagreement() throws {
    let folder = try TemporaryFolder()
    let path = try tiny(in: folder)
    try folder.write(#"{"embed_dim":12,"hidden_size":16,"num_heads":2}"#, to: "wrong.json")
    #expect(
      message { try open(path, configuration: folder.file("wrong.json")) }
        == "\(path): wrong.json and the tensors disagree: hidden_size is 16, but final_norm.gamma has the shape [8]"
    )
  }

  @Test("a configuration that contradicts the file's own is refused with the first difference")
  func disagreeingSpec() throws {
    let folder = try TemporaryFolder()
    let heads = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3,"num_heads":4}"#,
      to: "heads.json")
    let text = message {
      try open(Fixture.path("edifice-hymba-tiny", "model.nx"), configuration: heads)
    }
    #expect(
      text.contains(
        "heads.json and the spec in model.nx disagree: layers 0 to 1, attention heads: 4 and 2"
      ))
  }

  @Test("two files of one name that disagree are told apart by their paths")
  func disagreeingPaths() throws {
    let checkpoint = try ChangedCheckpoint("hymba-nvidia-tiny")
    let folder = try TemporaryFolder()
    let text = String(
      decoding: try InputFile.contents(
        of: Fixture.path("hymba-nvidia-tiny", "config.json"), limit: 1 << 20), as: UTF8.self)
    let other = try folder.write(
      text.replacing(#""rms_norm_eps": 1e-06"#, with: #""rms_norm_eps": 0.5"#), to: "config.json")
    #expect(
      message { try open(checkpoint.path, configuration: other) }.hasPrefix(
        "\(checkpoint.path): \(other) and \(checkpoint.path)/config.json disagree: "))
  }

  @Test("options that a document leaves to defaults are named where no tensors tell them")
  func defaults() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(#"{"embed_dim":9,"num_layers":2}"#, to: "o.json")
    #expect(
      try readConfiguration(path).notes == [
        "o.json leaves out what has its default then: hidden_size 256, state_size 16, num_heads 4, num_meta_tokens 4"
      ])
    #expect(
      try readConfiguration(Fixture.path("edifice-hymba-tiny", "build_opts.json")).notes == [])
  }

  @Test("missing, extra and mis-shaped tensors are all named at once")
  func ledger() throws {
    let folder = try TemporaryFolder()
    let path = try tiny(in: folder) { entries in
      entries.removeAll { $0.name == "hymba_block_2_ffn_up.bias" }
      entries.append(.init("surprise", .float32, [1], [0, 0, 0, 0]))
      let index = try #require(entries.firstIndex { $0.name == "hymba_block_1_attn_q.kernel" })
      entries[index] = .init(
        "hymba_block_1_attn_q.kernel", .float32, [4, 16], entries[index].bytes)
    }
    #expect(
      message { try open(path, configuration: tinyOptions) }
        == "\(path): the tensors do not fit the model: 1 missing: hymba_block_2_ffn_up.bias; 1 not part of the model: surprise; 1 of another shape: hymba_block_1_attn_q.kernel is [4, 16] instead of [8, 8]"
    )
  }

  @Test("an unknown checkpoint gets the nearest layout with what does not fit")
  func unknown() throws {
    let folder = try TemporaryFolder()
    let path = try tiny(in: folder) { entries in
      entries.removeAll { $0.name == "final_norm.gamma" }
    }
    #expect(
      message { try open(path) }
        == "\(path): none of its 67 tensors belongs to a known layout (nearest: edifice: 67 of 67 tensors fit, final_norm.gamma is missing)"
    )
  }

  @Test("an unknown checkpoint is said to be of the model that its config.json names")
  func otherModel() throws {
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write(
      MemorySource([.init("w", .uint8, [1], [0])]), to: folder.file("model.safetensors"),
      replace: false)
    try folder.write(#"{"model_type": "recurrent_gemma", "hidden_size": 4}"#, to: "config.json")
    #expect(
      message { try open(folder.path) }.hasSuffix(
        "; note that by its config.json this is another model (“recurrent_gemma”) than Hymba, Jamba, Zamba (version 1), Zamba2, Falcon-H1, Bamba, Granite hybrid, Mamba, Falcon-Mamba, Mamba-2 and Nemotron-H"
      ))
  }

  @Test(
    "checkpoints of other kinds are named",
    arguments: [
      (
        "base.layers.0.lora_A.weight",
        "a LoRA adapter, not a model: merge it into its base model first"
      ),
      (
        "layers.0.ia3_l",
        "an adapter of another kind than LoRA, not a model: merge it into its base model first"
      ),
      (
        "l.0.qweight",
        "a checkpoint with GPTQ or AWQ quantised weights: convert the original weights instead"
      ),
      (
        "l.0.weight_packed",
        "a checkpoint with quantised weights: convert the original weights instead"
      ),
      (
        "state.0.exp_avg",
        "an optimizer state, not a model: convert the weights that were saved beside it"
      ),
    ])
  func otherKinds(_ name: String, _ kind: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("other.safetensors")
    try SafetensorsWriter.write(
      MemorySource([.init(name, .uint8, [1], [0])]), to: path, replace: false)
    #expect(message { try open(path) } == "\(path): this is \(kind)")
  }

  @Test("files that are no checkpoints are refused, each with its reason")
  func notCheckpoints() throws {
    let folder = try TemporaryFolder()
    let cases: [(String, [UInt8], String)] = [
      (
        "m.gguf", Array("GGUF".utf8) + [3, 0, 0, 0, 0, 0, 0, 0],
        "the file ends early: within the header, at byte 12; it was cut short, or is damaged: copy or download it again"
      ),
      (
        "m.h5", [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0],
        "not a readable HDF5 file: it ends within its superblock"
      ),
      ("n.h5", [1, 2, 3, 4], "not a readable HDF5 file: it has no HDF5 signature"),
      ("x.dat", [1, 2, 3, 4], "not a checkpoint: its content is that of no supported format"),
      (
        "m.pt", Array("PK\u{3}\u{4}aaaaaaaa".utf8),
        "the zip archive has no valid directory at its end: it is cut short or damaged"
      ),
      (
        "m.pkl", [0x80, 4, 0x95, 3, 0, 0, 0, 0, 0, 0, 0, 0x4B, 1, 0x2E],
        "this is a pickle that torch.save did not write; where you trust it, save what is in it again: torch.save(pickle.load(open(FILE, 'rb')), NEW)"
      ),
      (
        "m.pkl", Array("cos\nsystem\n(S'ls'\ntR.".utf8),
        "this is a pickle that torch.save did not write; where you trust it, save what is in it again: torch.save(pickle.load(open(FILE, 'rb')), NEW)"
      ),
      (
        "m.pkl", Array("}q\0.".utf8),
        "this is a pickle that torch.save did not write; where you trust it, save what is in it again: torch.save(pickle.load(open(FILE, 'rb')), NEW)"
      ),
      (
        "m.nemo", [UInt8](repeating: 65, count: 257) + Array("ustar".utf8),
        "this is a tar archive: unpack it and name the checkpoint in it, as of NeMo; one of PyTorch before 0.2 save again in Python, with torch.save(torch.load(FILE, map_location='cpu', weights_only=False), NEW)"
      ),
      (
        "m.msgpack", [0x81, 0xA6, 0x70],
        "this is a Flax checkpoint, which is not supported; save its arrays with numpy.savez or as safetensors"
      ),
    ]
    for (name, bytes, reason) in cases {
      let path = try folder.write(bytes, to: name)
      #expect(message { try open(path) } == "\(path): \(reason)")
    }
    #expect(
      message { try open(folder.file("none")) } == "\(folder.file("none")): no such file or folder")
  }

  @Test("a folder means its index or its safetensors, symbolic links followed")
  func folders() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("blobs")
    try folder.makeFolder("snapshot")
    _ = try tiny(in: folder, named: "blobs/abc")
    try folder.link("snapshot/model.safetensors", to: "../blobs/abc")
    try folder.write(
      try InputFile.contents(of: tinyOptions, limit: 1 << 20), to: "snapshot/build_opts.json")
    let model = try open(folder.file("snapshot"))
    #expect(model.assumptions == [] && model.architecture?.sizes(layer: 0)["heads"] == 2)
  }

  @Test("a container opens by its manifest, and a contradicting configuration is refused")
  func container() throws {
    let folder = try TemporaryFolder()
    let model = try open(Fixture.path("edifice-hymba-tiny", "model.nx"))
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: folder.file("m.hymba"))
    let container = try open(folder.file("m.hymba"))
    #expect(container.architecture == model.architecture && container.layout.name == "edifice")
    let other = try folder.write(#"{"embed_dim":12,"hidden_size":8,"num_heads":1}"#, to: "o.json")
    #expect(
      message { try open(folder.file("m.hymba"), configuration: other) }.contains(
        "the container and o.json disagree: layers"))
    #expect(
      message { try open(folder.file("m.hymba"), layout: "verbatim") }.contains(
        "this container was made with the layout edifice"))
  }

  @Test("a verbatim container keeps names and has no architecture to run")
  func verbatim() throws {
    let folder = try TemporaryFolder()
    let model = try open(tiny(in: folder), layout: "verbatim")
    try ContainerWriter(compression: .none, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: folder.file("v.hymba"))
    let container = try open(folder.file("v.hymba"))
    #expect(container.parameters.tensors["final_norm.gamma"] != nil)
    #expect(throws: FileDiagnosis.self) { try container.requireArchitecture(for: "a forward pass") }
    // The names are still an Edifice checkpoint's, so they can be mapped later.
    let mapped = try open(folder.file("v.hymba"), configuration: tinyOptions, layout: "edifice")
    #expect(mapped.parameters.tensors["final_norm.weight"] != nil)
  }

  @Test("shards given one by one are one model, and a missing one is named")
  func grouping() throws {
    let names = (1...3).map { "x/model-0000\($0)-of-00003.safetensors" }
    let groups = try ModelInput.group(["a.nx"] + names.reversed() + ["b.hymba"])
    #expect(groups.map(\.paths) == [["a.nx"], names, ["b.hymba"]])
    #expect(groups.map(\.name) == ["a", "model", "b"])
    let pickles = (1...2).map { "x/pytorch_model-0000\($0)-of-00002.bin" }
    #expect(try ModelInput.group(pickles).map(\.name) == ["pytorch_model"])
    #expect { try ModelInput.group([names[0], names[2]]) } throws: {
      "\($0)" == "x: model-00002-of-00003.safetensors is not among the 2 of 3 shards given"
    }
  }

  @Test("prepended meta tokens have no place in Edifice's layout")
  func noPlace() throws {
    let set = "gated-prepended-tiny"
    let model = try open(
      Fixture.path(set, "model.safetensors"), configuration: Fixture.path(set, "architecture.json"))
    #expect(model.layout.name == "hymba")
    #expect { try model.exported(to: "edifice") } throws: {
      "\($0)".hasSuffix("the layout edifice is that of a Hymba of Edifice's and has no place for the parameter meta_tokens")
    }
  }
}
