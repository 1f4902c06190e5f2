import HymbaCheckpoints
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Models of GGUF files")
struct GGUFModelTests {
  static let files = [
    "bamba-tiny/bamba-tiny-bf16", "falcon-h1-tiny/falcon-h1-tiny-f32", "falcon-mamba-tiny/falcon-mamba-tiny-f32",
    "granite-hybrid-tiny/granite-hybrid-tiny-q8_0", "jamba-tiny/jamba-tiny-f32", "jamba-tiny/jamba-tiny-q8_0",
    "jamba-wide/jamba-wide-q4_k_m", "mamba-tiny/mamba-tiny-f16", "mamba-tiny/mamba-tiny-q4_0",
    "mamba2-tiny/mamba2-tiny-f32", "nemotron-h-dense/nemotron-h-dense-f32",
    "nemotron-h-moe/nemotron-h-moe-q8_0", "nemotron-h-tiny/nemotron-h-tiny-f16",
  ]

  private static let falcon = "falcon-h1-tiny/falcon-h1-tiny-f32"
  private static let granite = "granite-hybrid-tiny/granite-hybrid-tiny-q8_0"
  private static let jamba = "jamba-tiny/jamba-tiny-f32"

  private static func path(_ file: String) -> String { Fixture.path("gguf", file + ".gguf") }
  private static func configuration(_ file: String) -> String {
    Fixture.path("gguf", file.prefix { $0 != "/" } + "/source-config.json")
  }

  @Test("the keys describe the model that was converted", arguments: files)
  func architecture(_ file: String) throws {
    let original = try readArchitecture(configuration: Self.configuration(file))
    // The options that no GGUF file holds come from the configuration; in all others the two must agree.
    let completed = try FamilyFixture.open(Self.path(file), configuration: Self.configuration(file))
    #expect(completed.architecture == original)
    let alone = try FamilyFixture.open(Self.path(file))
    if file.contains("falcon-h1") {
      #expect(alone.architecture?.multipliers == Architecture.Multipliers())
    } else {
      #expect(alone.architecture == original)
    }
  }

  @Test("undoing what the converter did gives the bits of the source", arguments: files)
  func source(_ file: String) throws {
    let lines = try String(
      decoding: InputFile.contents(
        of: Fixture.path("gguf", file + ".source.sha256"), limit: 1 << 20), as: UTF8.self
    ).split(separator: "\n").map { $0.split(separator: " ", maxSplits: 4) }
    let model = try FamilyFixture.open(Self.path(file))
    let family = try #require(try ExportDestination.family(model.layout.name) as? any GGUFFamily)
    let exported = try model.exported(to: family.releasedLayout)
    #expect(Set(exported.tensors.map(\.name)) == Set(lines.map { String($0[4]) }))
    var same = 0
    for line in lines where line[1] == "same" {
      let tensor = try #require(exported.tensors[String(line[4])])
      #expect(try exported.digest(of: tensor, jobs: 1).description == String(line[0]), "\(line[4])")
      same += 1
    }
    #expect(same > 10)
  }

  @Test("what the logarithm rounds is kept, so that the way back is bit for bit", arguments: files)
  func back(_ file: String) throws {
    let model = try FamilyFixture.open(Self.path(file))
    let back = try model.exported(to: model.layout.name)
    let original = try GGUFSource(Self.path(file))
    for tensor in original.tensors {
      let other = try #require(back.tensors[tensor.name])
      #expect(other.shape.elementCount == tensor.shape.elementCount)
      #expect(try back.bytes(of: other) == original.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("numbers that were kept beside others are not taken for these")
  func foreignKept() throws {
    let model = try FamilyFixture.open(Self.path("jamba-tiny/jamba-tiny-f32"))
    // In BF16, A_log has another exponential than the file's.
    let cast = try ModelCast(model, Cast(to: .bfloat16)).model
    let back = try cast.exported(to: "gguf-jamba")
    let a = try #require(back.tensors["blk.0.ssm_a"])
    let stored = try GGUFSource(Self.path("jamba-tiny/jamba-tiny-f32"))
    #expect(try back.bytes(of: a) != stored.bytes(of: #require(stored.tensors["blk.0.ssm_a"])))
  }

  @Test(
    "a key that no model can have is named",
    arguments: [
      ("block-count-huge", "jamba.block_count is 4294967295; expected a whole number from 0 to 16777216"),
      (
        "block-count-3",
        "jamba.attention.head_count_kv is a list of 2; expected a whole number for each of the 3 layers of jamba.block_count"
      ),
      (
        "kv-heads-short",
        "jamba.attention.head_count_kv is a list of 1; expected a whole number for each of the 2 layers of jamba.block_count"
      ),
      ("heads-0", "jamba.attention.head_count is 0; expected a whole number from 1 on"),
      ("kv-heads-4", "jamba.attention.head_count is 2; expected a multiple of the 4 key/value heads"),
      ("experts-used-9", "jamba.expert_used_count is 9; expected 1 to the 2 experts"),
      ("rank-0", "jamba.ssm.time_step_rank is 0; expected a whole number from 1 on"),
      ("inner-huge", "jamba.ssm.inner_size is 4294967295; expected a whole number from 0 to 16777216"),
      ("embedding-missing", "jamba.embedding_length is absent; expected the key, which jamba needs"),
      (
        "no-architecture",
        "general.architecture is absent; expected the name of an architecture; --layout verbatim keeps the tensors under their own names"
      ),
    ])
  func hostile(_ name: String, _ message: String) {
    #expect(FamilyFixture.message(opening: Self.path("hostile-model/micro-\(name)")) == message)
  }

  @Test("a number that is -exp of nothing is refused where it is read")
  func positiveDecay() throws {
    let model = try FamilyFixture.open(Self.path("hostile-model/micro-a-zero"))
    let tensor = try #require(model.parameters.tensors["layers.0.mamba.A_log"])
    #expect(throws: (any Error).self) { try model.parameters.bytes(of: tensor) }
    do { _ = try model.parameters.bytes(of: tensor) } catch {
      #expect(
        "\(error)".hasSuffix(
          "no “layers.0.mamba.A_log” gives element 0 of what the checkpoint holds in its place, -0.0: it is -exp of a number, and so finite and below 0"
        ))
    }
  }

  @Test("an architecture that is not known here is named beside those that are")
  func otherArchitecture() throws {
    let folder = try TemporaryFolder()
    let file = try GGUFWriter.file(of: [GGUFEntry("general.architecture", "llama")])
    let path = try folder.write(file, to: "m.gguf")
    #expect(
      FamilyFixture.message(opening: path)
        == "its general.architecture is “llama”, and the architectures known here are falcon-h1, granitehybrid, jamba, mamba, mamba2, nemotron_h and nemotron_h_moe; --layout verbatim keeps the tensors under their own names"
    )
  }

  /// A copy of a recorded file with one more key, or with another value for one of its keys.
  private func changed(_ file: String, _ entry: GGUFEntry, in folder: TemporaryFolder) throws -> String {
    let source = try GGUFSource(Self.path(file))
    let path = folder.file("changed.gguf")
    try GGUFWriter.write(
      source, as: { _ in .f32 }, keys: source.keys.entries { $0 != entry.key } + [entry], to: path,
      replace: false, jobs: 1)
    return path
  }

  /// A copy of a recorded file without some keys.
  private func lacking(_ file: String, _ dropped: [String], in folder: TemporaryFolder) throws -> String {
    let source = try GGUFSource(Self.path(file))
    let path = folder.file("lacking.gguf")
    try GGUFWriter.write(
      source, as: { _ in .f32 }, keys: source.keys.entries { !dropped.contains($0) }, to: path, replace: false, jobs: 1)
    return path
  }

  @Test("the default of an absent key is said, and is that of llama.cpp where it has one")
  func absentKeys() throws {
    let folder = try TemporaryFolder()
    let dropped = ["falcon-h1.rope.freq_base", "falcon-h1.attention.layer_norm_rms_epsilon"]
    let path = try lacking(Self.falcon, dropped, in: folder)
    let model = try FamilyFixture.open(path)
    let rest = "is assumed, unless --config names the config.json of the original"
    #expect(
      model.assumptions.contains(
        "the GGUF file does not have falcon-h1.rope.freq_base: 10000.0, the default of llama.cpp, \(rest)"))
    #expect(
      model.assumptions.contains(
        "the GGUF file does not have falcon-h1.attention.layer_norm_rms_epsilon: 1e-05, the default of config.json, \(rest)"
      ))
    // The default of transformers is another base.
    #expect(model.architecture?.layers[0].attention?.rotary?.base == 10000)
    #expect(model.architecture?.norm.epsilon == 1e-5)
    let config = Fixture.path("falcon-h1-tiny", "config.json")
    let settled = try FamilyFixture.open(path, configuration: config)
    #expect(try settled.architecture == FamilyFixture.open(Fixture.folder("falcon-h1-tiny")).architecture)
    #expect(!settled.assumptions.contains { $0.contains("does not have") })
  }

  @Test("a Granite that does not say whether it rotates does, as in llama.cpp")
  func absentSwitch() throws {
    let folder = try TemporaryFolder()
    let file = "granite-hybrid-tiny/granite-hybrid-tiny-q8_0"
    let model = try FamilyFixture.open(
      lacking(file, ["granitehybrid.rope.scaling.finetuned", "granitehybrid.logit_scale"], in: folder))
    let attentions = try #require(model.architecture).layers.compactMap(\.attention)
    #expect(!attentions.isEmpty && attentions.allSatisfy { $0.rotary != nil })
    #expect(model.architecture?.multipliers.logitsDivisor ?? 1 == 1)
    #expect(model.assumptions.contains { $0.contains("rope.scaling.finetuned: true, the default of llama.cpp,") })
    #expect(model.assumptions.contains { $0.contains("granitehybrid.logit_scale: 1.0, the default of llama.cpp,") })
  }

  @Test("a list in place of a number is refused, and not taken for an absent key")
  func listInPlaceOfNumber() throws {
    let folder = try TemporaryFolder()
    let entry = GGUFEntry("falcon-h1.attention.layer_norm_rms_epsilon", [Float(1)])
    #expect(
      FamilyFixture.message(opening: try changed(Self.falcon, entry, in: folder))
        == "falcon-h1.attention.layer_norm_rms_epsilon is “[1.0]”; expected a number")
  }

  /// A key with another value than the neutral one, by the file that gets it.
  struct Key: Sendable, CustomTestStringConvertible {
    let file: String
    let entry: GGUFEntry
    let words: String

    init(_ stem: String, _ entry: GGUFEntry, _ words: String) {
      self.file = files.first { $0.hasPrefix(stem) } ?? stem
      (self.entry, self.words) = (entry, words)
    }

    var testDescription: String { entry.key }
  }

  @Test(
    "a key that llama.cpp applies and that is not computed here is refused",
    arguments: [
      Key(
        "falcon", GGUFEntry("falcon-h1.rope.scaling.type", "yarn"),
        "“yarn”; expected “none”: positions that are scaled are not computed here"),
      Key(
        "falcon", GGUFEntry("falcon-h1.rope.scaling.factor", Float(4)),
        "4.0; expected 1: positions that are scaled are not computed here"),
      Key(
        "falcon", GGUFEntry("falcon-h1.rope.scale_linear", Float(2)),
        "2.0; expected 1: positions that are scaled are not computed here"),
      Key(
        "falcon", GGUFEntry("falcon-h1.rope.scaling.attn_factor", Float(2)),
        "2.0; expected 1: scores that are scaled with the positions are not computed here"),
      Key(
        "falcon", GGUFEntry("falcon-h1.rope.dimension_count", UInt32(6)),
        "6; expected 12: the rotated channels of the original"),
      Key(
        "falcon", GGUFEntry("falcon-h1.attention.value_length", UInt32(24)),
        "24; expected 12, the size of a head of queries and keys (falcon-h1.attention.key_length)"),
      Key(
        "jamba", GGUFEntry("jamba.attention.causal", false),
        "false; expected true: attention to later positions is not computed here"),
      Key(
        "jamba", GGUFEntry("jamba.expert_group_count", UInt32(2)),
        "2; expected 1: groups of experts are not computed here"),
      Key(
        "bamba", GGUFEntry("granitehybrid.rope.scaling.finetuned", false),
        "false; expected true: a Bamba has rotary positions"),
    ])
  func applied(_ key: Key) throws {
    let folder = try TemporaryFolder()
    #expect(
      FamilyFixture.message(opening: try changed(key.file, key.entry, in: folder))
        == "\(key.entry.key) is \(key.words)")
  }

  @Test(
    "a key that llama.cpp leaves aside, too, is a note",
    arguments: [
      Key("jamba", GGUFEntry("jamba.attention.sliding_window", UInt32(4)), "(4)"),
      Key("jamba", GGUFEntry("jamba.rope.scaling.type", "yarn"), "(“yarn”)"),
      Key("jamba", GGUFEntry("jamba.logit_scale", Float(2)), "(2.0)"),
      Key("jamba", GGUFEntry("jamba.expert_weights_scale", Float(2)), "(2.0)"),
      Key("jamba", GGUFEntry("jamba.expert_gating_func", UInt32(2)), "(2)"),
      Key("jamba", GGUFEntry("jamba.made.up", [Int32(3)]), "(a list of 1)"),
      Key("mamba2", GGUFEntry("mamba2.attention.causal", UInt32(7)), "(7)"),
      Key("falcon", GGUFEntry("falcon-h1.attention.scale", Float(0.5)), "(0.5)"),
      Key("falcon", GGUFEntry("falcon-h1.attention.clamp_kqv", Float(8)), "(8.0)"),
      Key("nemotron", GGUFEntry("nemotron_h.final_logit_softcapping", Float(30)), "(30.0)"),
      Key("granite", GGUFEntry("granitehybrid.rope.scaling.factor", Float(4)), "(4.0)"),
    ])
  func leftAside(_ key: Key) throws {
    let folder = try TemporaryFolder()
    let model = try FamilyFixture.open(changed(key.file, key.entry, in: folder))
    #expect(
      model.assumptions.contains("\(key.entry.key) \(key.words) is left aside, as llama.cpp does for this architecture"),
      "\(model.assumptions)")
  }

  @Test("a key by which llama.cpp makes embeddings is a note")
  func pooling() throws {
    let folder = try TemporaryFolder()
    let path = try changed(Self.jamba, GGUFEntry("jamba.pooling_type", UInt32(1)), in: folder)
    #expect(
      try FamilyFixture.open(path).assumptions.contains(
        "jamba.pooling_type (1) is left aside: embeddings of texts are not computed here"))
  }

  @Test(
    "a key with a value that changes nothing is not mentioned",
    arguments: [
      Key("falcon", GGUFEntry("falcon-h1.rope.scaling.type", "linear"), ""),
      Key("falcon", GGUFEntry("falcon-h1.rope.scaling.factor", Float(0)), ""),
      Key("falcon", GGUFEntry("falcon-h1.attention.causal", true), ""),
      Key("falcon", GGUFEntry("falcon-h1.attention.sliding_window", UInt32(0)), ""),
      Key("jamba", GGUFEntry("jamba.expert_gating_func", UInt32(1)), ""),
      Key("jamba", GGUFEntry("jamba.logit_scale", Float(1)), ""),
      Key("jamba", GGUFEntry("jamba.rope.freq_base", Float(5)), ""),
    ])
  func neutral(_ key: Key) throws {
    let folder = try TemporaryFolder()
    let plain = try FamilyFixture.open(Self.path(key.file)).assumptions.count
    #expect(try FamilyFixture.open(changed(key.file, key.entry, in: folder)).assumptions.count == plain)
  }

  @Test("a Granite that does not say whether it has rotary positions has them, as in llama.cpp")
  func absentRotation() throws {
    let file = Self.granite
    let source = try GGUFSource(Self.path(file))
    let folder = try TemporaryFolder()
    let path = folder.file("m.gguf")
    try GGUFWriter.write(
      source, as: { _ in .f32 }, keys: source.keys.entries { $0 != "granitehybrid.rope.scaling.finetuned" }, to: path,
      replace: false, jobs: 1)
    let attention = try FamilyFixture.open(path).architecture?.layers.compactMap(\.attention) ?? []
    #expect(!attention.isEmpty && attention.allSatisfy { $0.rotary != nil })
  }

  @Test("an option that neither the keys nor the named configuration give has the original's default")
  func silentConfiguration() throws {
    let folder = try TemporaryFolder()
    let file = "falcon-mamba-tiny/falcon-mamba-tiny-f32"
    let path = try changed(file, GGUFEntry("mamba.attention.layer_norm_rms_epsilon", Float(1e-3)), in: folder)
    let alone = try FamilyFixture.open(path)
    #expect(alone.architecture?.layers[0].mamba?.innerNorms == .weightless(epsilon: 1e-3))
    #expect(
      alone.assumptions.contains(
        "a GGUF file does not hold mixer_rms_eps: the epsilon of the other norms is assumed, unless --config names the config.json of the original"
      ))
    let text = String(
      decoding: try InputFile.contents(of: Self.configuration(file), limit: 1 << 16), as: UTF8.self
    ).replacing(#""layer_norm_epsilon": 1e-06,"#, with: #""layer_norm_epsilon": 1e-03,"#)
      .replacing(#"  "mixer_rms_eps": 1e-06,"#, with: "")
    let completed = try FamilyFixture.open(path, configuration: folder.write(text, to: "config.json"))
    #expect(completed.architecture?.layers[0].mamba?.innerNorms == .weightless(epsilon: 1e-6))
  }

  @Test("a flag that is none is refused by its key, and not taken for false")
  func innerNormsFlag() throws {
    let folder = try TemporaryFolder()
    let entry = GGUFEntry("mamba.ssm.dt_b_c_rms", UInt32(1))
    #expect(
      FamilyFixture.message(opening: try changed("mamba-tiny/mamba-tiny-f16", entry, in: folder))
        == "mamba.ssm.dt_b_c_rms is 1; expected true or false")
  }

  @Test("heads of values of another size than those of keys are refused by their key")
  func valueLength() throws {
    let folder = try TemporaryFolder()
    let stem = "nemotron-h-dense/nemotron-h-dense-f32"
    let path = try changed(stem, GGUFEntry("nemotron_h.attention.value_length", UInt32(4)), in: folder)
    #expect(
      FamilyFixture.message(opening: path)
        == "nemotron_h.attention.value_length is 4; expected 12, the size of a head of queries and keys (nemotron_h.attention.key_length)"
    )
  }

  @Test(
    "a size of a feed forward that is not that of the tensors is named with its layer",
    arguments: [
      (
        [0, 20, 0, 0, 24, 0, 20],
        "nemotron_h_moe.feed_forward_length is 24 for layer 4; expected 20, the rows of blk.4.ffn_up_exps.weight"
      ),
      (
        [7, 20, 0, 0, 20, 0, 20],
        "nemotron_h_moe.feed_forward_length is 7 for layer 0; expected 0, as the layer has no feed forward"
      ),
      (
        [0, 20],
        "nemotron_h_moe.feed_forward_length is a list of 2; expected a whole number for each of the 7 layers of nemotron_h_moe.block_count"
      ),
    ])
  func feedForwardLength(_ lengths: [Int32], _ message: String) throws {
    let folder = try TemporaryFolder()
    let entry = GGUFEntry("nemotron_h_moe.feed_forward_length", lengths)
    let path = try changed("nemotron-h-moe/nemotron-h-moe-q8_0", entry, in: folder)
    #expect(FamilyFixture.message(opening: path) == message)
  }

  @Test("one layer of any kind is a Nemotron-H", arguments: [0, 1, 3])
  func oneLayer(_ layer: Int) throws {
    let folder = try TemporaryFolder()
    let source = try GGUFSource(Self.path("nemotron-h-moe/nemotron-h-moe-q8_0"))
    let prefix = "blk.\(layer)."
    let tensors = try source.tensors.filter { !$0.name.hasPrefix("blk.") || $0.name.hasPrefix(prefix) }.map {
      MemorySource.Entry(
        $0.name.replacing(prefix, with: "blk.0."), $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    let names = ["block_count", "feed_forward_length", "attention.head_count_kv"].map { "nemotron_h_moe." + $0 }
    let path = folder.file("one.gguf")
    try GGUFWriter.write(
      MemorySource(tensors), as: { _ in .f32 },
      keys: source.keys.entries { !names.contains($0) } + [
        GGUFEntry(names[0], UInt32(1)), GGUFEntry(names[1], [Int32(layer == 1 ? 20 : 0)]),
        GGUFEntry(names[2], [Int32(layer == 3 ? 2 : 0)]),
      ], to: path, replace: false, jobs: 1)
    let model = try FamilyFixture.open(path)
    #expect(model.layout.name == "gguf-nemotron-h" && model.architecture?.layers.count == 1)
  }

  @Test("a configuration of another model disagrees with the keys")
  func disagreement() throws {
    let folder = try TemporaryFolder()
    let text = String(
      decoding: try InputFile.contents(of: Self.configuration(Self.jamba), limit: 1 << 16), as: UTF8.self)
    let path = try folder.write(
      text.replacing("\"num_experts_per_tok\": 2", with: "\"num_experts_per_tok\": 3"), to: "config.json")
    let message = FamilyFixture.message(opening: Self.path(Self.jamba), configuration: path)
    #expect(
      message
        == "config.json and config.json made of the GGUF's keys disagree: layers 1, 3, 5, 7, feed forward experts per token: 3 and 2"
    )
  }

  @Test("an architecture that contradicts the keys is named beside them, and one that does not settles what they leave out")
  func architectures() throws {
    let folder = try TemporaryFolder()
    let (path, file) = (Self.path(Self.jamba), folder.file("architecture.json"))
    let architecture = try #require(FamilyFixture.open(path).architecture)
    let text = String(decoding: architecture.json, as: UTF8.self)
    try folder.write(text, to: "architecture.json")
    #expect(try FamilyFixture.open(path, configuration: file).architecture == architecture)
    try folder.write(text.replacing("\"perToken\":2", with: "\"perToken\":3"), to: "architecture.json")
    let message = FamilyFixture.message(opening: path, configuration: file)
    #expect(
      message.hasSuffix(" and config.json made of the GGUF's keys disagree: layers 1, 3, 5, 7, feed forward experts per token: 3 and 2"),
      "\(message)")
  }

  @Test("an architecture gives what no key tells", arguments: [files[0], falcon, granite])
  func completingArchitectures(_ file: String) throws {
    let folder = try TemporaryFolder()
    let original = try readArchitecture(configuration: Self.configuration(file))
    let path = try folder.write(String(decoding: original.json, as: UTF8.self), to: "architecture.json")
    let model = try FamilyFixture.open(Self.path(file), configuration: path)
    #expect(model.architecture == original)
    #expect(!model.assumptions.contains { $0.contains("does not hold") })
  }

  /// A container of a GGUF file as the tools make it.
  private func container(of path: String, in folder: TemporaryFolder) throws -> String {
    let model = try FamilyFixture.open(path)
    let kept = try KeptAttachments(of: model, files: true, reference: false)
    try ContainerWriter(compression: .none, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, with: kept.attachments, to: folder.file("m.hymba"))
    return folder.file("m.hymba")
  }

  @Test("a container of a GGUF file is completed by a configuration as that file is", arguments: files)
  func completedContainer(_ file: String) throws {
    let folder = try TemporaryFolder()
    let path = try container(of: Self.path(file), in: folder)
    let completed = try FamilyFixture.open(path, configuration: Self.configuration(file))
    let expected = try FamilyFixture.open(Self.path(file), configuration: Self.configuration(file))
    #expect(completed.architecture == expected.architecture)
    #expect(!completed.assumptions.contains { $0.contains("does not hold") })
    for tensor in expected.parameters.tensors where expected.inventory?[tensor.name] != nil {
      let other = try #require(completed.parameters.tensors[tensor.name])
      #expect(try completed.parameters.bytes(of: other) == expected.parameters.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("limits of the time step and positions are taken from a configuration, also for a container")
  func untoldByContainer() throws {
    let folder = try TemporaryFolder()
    let path = try container(of: Self.path(Self.granite), in: folder)
    let text = String(
      decoding: try InputFile.contents(of: Self.configuration(Self.granite), limit: 1 << 16), as: UTF8.self)
    let value = try JSONValue(parsing: Array(text.utf8))
    guard case .object(var members) = value else { return }
    members["position_embedding_type"] = .string("rope")
    members["time_step_limit"] = .array([.number(0.01), .number(0.05)])
    let configuration = try folder.write(JSONValue.object(members).text, to: "config.json")
    let architecture = try FamilyFixture.open(path, configuration: configuration).architecture
    #expect(architecture == (try readArchitecture(configuration: configuration)))
    #expect(architecture?.layers.contains { $0.attention?.rotary != nil } == true)
    members["num_experts_per_tok"] = .integer(2)
    let other = try folder.write(JSONValue.object(members).text, to: "other.json")
    #expect(FamilyFixture.message(opening: path, configuration: other).contains("disagree"))
  }

  /// The recorded files tie the embedding of some families, have experts in every Granite, no gated norm in a
  /// Falcon-H1, and no narrower input of experts.
  private static let unseen = [
    "gguf-falcon-h1 blk.{layer}.ssm_norm.weight", "gguf-falcon-mamba output.weight",
    "gguf-granite-hybrid blk.{layer}.ffn_down.weight",
    "gguf-granite-hybrid blk.{layer}.ffn_gate.weight", "gguf-granite-hybrid blk.{layer}.ffn_up.weight",
    "gguf-granite-hybrid output.weight", "gguf-mamba output.weight",
    "gguf-nemotron-h blk.{layer}.ffn_latent_down.weight", "gguf-nemotron-h blk.{layer}.ffn_latent_up.weight",
  ]

  @Test("every rule but those of biases and of what no file has maps something")
  func coverage() throws {
    var busy: [String: Set<Int>] = [:]
    for file in Self.files {
      let path = Self.path(file)
      let recognised = try RecognisedCheckpoint(SourceOpener.open(path), path, OpeningOptions())
      busy[recognised.match.layout.name, default: []].formUnion(recognised.plan.rules)
    }
    let layouts = try LayoutCatalog.builtIn().filter { $0.format == .gguf }
    #expect(Set(layouts.map(\.name)) == Set(busy.keys))
    let idle = layouts.flatMap { layout in
      layout.rules.enumerated().filter { busy[layout.name]?.contains($0.offset) == false }
        .map { "\(layout.name) \($0.element.from[0])" }
    }
    #expect(idle.filter { !$0.hasSuffix(".bias") }.sorted() == Self.unseen)
  }
}
