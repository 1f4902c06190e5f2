import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Jamba")
struct JambaTests {
  @Test("the recorded checkpoint has exactly the parameters of its configuration")
  func inventory() throws {
    let model = try FamilyFixture.open(Fixture.folder("jamba-tiny"))
    let inventory = try #require(model.inventory)
    #expect(model.layout == LayoutReference(name: "hf-jamba"))
    #expect(Set(inventory.map(\.name)) == Set(model.parameters.tensors.map(\.name)))
    for parameter in inventory {
      #expect(model.parameters.tensors[parameter.name]?.shape == parameter.shape)
    }
    // Counted by reference/hybrid_sizes.py, and in the file.
    #expect(inventory.count == 163 && inventory.elementCount == 154_642)
    #expect(model.architecture?.pattern == "mMaMmMaM")
    #expect(model.ledger?.renamed == 157 && model.ledger?.transformed == 6)
    #expect(model.assumptions == [])
  }

  @Test("Jamba-v0.1's configuration gives 1251 tensors of 51 570 323 328 parameters")
  func released() throws {
    let architecture = try readArchitecture(
      configuration: Fixture.path("jamba-v0.1", "config.json"))
    let inventory = try ParameterInventory(architecture)
    #expect(inventory.count == 1251 && inventory.elementCount == 51_570_323_328)
    for (layout, sources) in [("hf-jamba", 1251), ("hf-jamba-stacked", 1251 - 16 * (48 - 2))] {
      let plan = try LayoutPlan(
        LayoutCatalog.layout(layout), NameVariant(), architecture, inventory,
        isPresent: { _ in false })
      #expect(Set(plan.moves.flatMap(\.targets)).count == 1251)
      #expect(Set(plan.moves.flatMap(\.sources)).count == sources)
    }
    // What the file leaves out has the same value by default.
    let folder = try TemporaryFolder()
    let bare = try folder.write(#"{"model_type":"jamba"}"#, to: "config.json")
    #expect(try readArchitecture(configuration: bare) == architecture)
  }

  @Test("a container gives the checkpoint back bit for bit")
  func identity() throws {
    try FamilyFixture.expectRoundTrip(Fixture.folder("jamba-tiny"), through: "hf-jamba")
  }

  /// The recorded checkpoint as transformers 5 stacks it: for each expert the rows of gate, then of up.
  private func stacked() throws -> ChangedCheckpoint {
    try ChangedCheckpoint("jamba-tiny") { entries in
      let all = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
      for layer in [1, 3, 5, 7] {
        let prefix = "model.layers.\(layer).feed_forward.experts."
        func bytes(_ name: String, _ expert: Int) -> [UInt8] {
          all["\(prefix)\(expert).\(name)_proj.weight"]?.bytes ?? []
        }
        entries.removeAll { $0.name.hasPrefix(prefix) }
        entries.append(
          .init(
            prefix + "gate_up_proj", .float32, [4, 96, 32],
            (0..<4).flatMap { bytes("gate", $0) + bytes("up", $0) }))
        entries.append(
          .init(
            prefix + "down_proj", .float32, [4, 32, 48], (0..<4).flatMap { bytes("down", $0) }))
      }
    }
  }

  @Test("stacked experts are the same model, and come back stacked")
  func stackedExperts() throws {
    let stacked = try stacked()
    let model = try FamilyFixture.open(stacked.path)
    #expect(model.layout.name == "hf-jamba-stacked" && model.ledger?.split == 8)
    try FamilyFixture.expectSame(
      model.parameters, FamilyFixture.open(Fixture.folder("jamba-tiny")).parameters)
    try FamilyFixture.expectRoundTrip(stacked.path, through: "hf-jamba-stacked")
    // And each form can be written from the other.
    try FamilyFixture.expectSame(
      model.exported(to: "hf-jamba"), SourceOpener.open(Fixture.folder("jamba-tiny")))
    try FamilyFixture.expectSame(
      FamilyFixture.open(Fixture.folder("jamba-tiny")).exported(to: "hf-jamba-stacked"),
      SourceOpener.open(stacked.path))
  }

  @Test("config.json goes with an export to either layout, and to no other")
  func exportConfiguration() throws {
    let model = try FamilyFixture.open(Fixture.folder("jamba-tiny"))
    for layout in ["hf-jamba", "hf-jamba-stacked"] {
      #expect(try model.exportConfiguration(for: layout)?.origin == "config.json")
    }
    for layout in ["hf-zamba", "hymba", "verbatim"] {
      #expect(try model.exportConfiguration(for: layout) == nil)
    }
  }

  @Test("names without model. and a tied head in the file are remembered")
  func variants() throws {
    let bare = try ChangedCheckpoint("jamba-tiny") { entries in
      entries = entries.map {
        .init(
          $0.name.replacing("model.", with: "", maxReplacements: 1), $0.type, $0.dimensions,
          $0.bytes)
      }
    }
    #expect(try FamilyFixture.open(bare.path).layout.variant.text == "without model.")
    try FamilyFixture.expectRoundTrip(bare.path, through: "hf-jamba")
    let tied = try ChangedCheckpoint("jamba-tiny") { entries in
      let embedding = try #require(entries.first { $0.name == "model.embed_tokens.weight" })
      entries = entries.map {
        $0.name == "lm_head.weight"
          ? .init($0.name, embedding.type, embedding.dimensions, embedding.bytes) : $0
      }
    } configuration: {
      $0.replacing("\"tie_word_embeddings\": false", with: "\"tie_word_embeddings\": true")
    }
    #expect(try FamilyFixture.open(tied.path).layout.variant.text == "with lm_head.weight")
    try FamilyFixture.expectRoundTrip(tied.path, through: "hf-jamba")
  }

  @Test(
    "other options come back too: no experts, projection biases, no convolution bias, own keys",
    arguments: ["hf-jamba", "hf-jamba-stacked"])
  func options(_ layout: String) throws {
    let experts = layout == "hf-jamba" ? 1 : 3
    let config =
      #"{"model_type":"jamba","hidden_size":24,"intermediate_size":20,"num_hidden_layers":3,"num_attention_heads":3,"num_key_value_heads":null,"num_experts":\#(experts),"attn_layer_period":2,"attn_layer_offset":0,"expert_layer_period":1,"expert_layer_offset":0,"mamba_d_state":5,"mamba_d_conv":3,"mamba_dt_rank":"auto","mamba_conv_bias":false,"mamba_proj_bias":true,"tie_word_embeddings":true,"vocab_size":10}"#
    let folder = try TemporaryFolder()
    let architecture = try readArchitecture(
      configuration: folder.write(config, to: "config.json"))
    #expect(architecture.pattern == (experts == 1 ? "ama" : "AMA"))
    #expect(architecture.layers[1].mamba?.biases == [.timeStep, .input, .output])
    #expect(architecture.layers[1].mamba?.rank == 2, "24 / 16, rounded up")
    #expect(architecture.layers[0].attention?.keyValueHeads == 3)
    try FamilyFixture.expectRandomRoundTrip(architecture, through: layout, config: config)
  }
}
