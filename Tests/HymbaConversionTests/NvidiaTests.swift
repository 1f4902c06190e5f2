import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("NVIDIA's Hymba")
struct NvidiaTests {
  private func open(_ set: String) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
  }

  @Test(
    "the released configuration gives 677 of our names for 611 tensors, 1 522 797 824 parameters")
  func released() throws {
    let architecture = try readArchitecture(
      configuration: Fixture.path("hymba-1.5b", "config.json"))
    let inventory = try ParameterInventory(architecture)
    #expect(inventory.count == 677 && inventory.elementCount == 1_522_797_824)
    let plan = try LayoutPlan(
      LayoutCatalog.layout("nvidia-hymba"), NameVariant(), architecture, inventory,
      isPresent: { _ in false })
    #expect(Set(plan.moves.flatMap(\.sources)).count == 611)
    #expect(Set(plan.moves.flatMap(\.targets)).count == 677)
    let layers = architecture.layers.map(\.attention)
    #expect(layers.indices.filter { layers[$0]?.window == nil } == [0, 15, 31])
    #expect(layers[18]?.keyValueLayer == 16 && layers[19]?.keyValueLayer == nil)
    #expect(layers.count { $0?.keyValueLayer != nil } == 15)
    // theta * (2 * 8192 / 2048 - 1)^(64 / 62)
    let base = try #require(layers[0]?.rotary?.base)
    #expect(abs(base - 74_535.0) < 1)
  }

  @Test(
    "export gives names, shapes and bits back, carried tensors included",
    arguments: ["tiny", "small-sharded", "options-a", "options-b", "options-c", "options-d"])
  func identity(_ set: String) throws {
    let original = try SourceOpener.open(Fixture.folder("hymba-nvidia-" + set))
    let back = try open("hymba-nvidia-" + set).exported(to: "nvidia-hymba")
    #expect(Set(back.tensors.map { $0 }) == Set(original.tensors.map { $0 }))
    for tensor in original.tensors {
      #expect(try back.bytes(of: tensor) == original.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("unused k_norms of layers that share keys are carried, nothing else is")
  func carried() throws {
    let carried = try #require(try open("hymba-nvidia-options-b").ledger).carried
    #expect(
      carried.sorted() == [
        "model.layers.2.mamba.self_attn.k_norm.weight",
        "model.layers.3.mamba.self_attn.k_norm.weight",
      ])
  }

  /// The tiny set, tied, with changed tensors and names.
  private func changed(
    in folder: TemporaryFolder, _ change: (inout [MemorySource.Entry]) throws -> Void
  ) throws -> String {
    let source = try SourceOpener.open(Fixture.folder("hymba-nvidia-tiny"))
    var entries = try source.tensors.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    try change(&entries)
    let path = folder.file("model.safetensors")
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: true)
    try folder.write(
      InputFile.contents(of: Fixture.path("hymba-nvidia-tiny", "config.json"), limit: 1 << 20),
      to: "config.json")
    return path
  }

  @Test(
    "a tied head in the file is dropped only when its bytes are the embedding's, and comes back")
  func tiedHead() throws {
    let folder = try TemporaryFolder()
    func head(_ bytes: ([UInt8]) -> [UInt8]) throws -> OpenedModel {
      let path = try changed(in: folder) { entries in
        let embedding = try #require(entries.first { $0.name == "model.embed_tokens.weight" })
        entries.append(
          .init("lm_head.weight", embedding.type, embedding.dimensions, bytes(embedding.bytes)))
      }
      return try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    }
    let model = try head { $0 }
    #expect(model.layout.variant == NameVariant(copies: ["lm_head.weight"]))
    #expect(model.parameters.tensors["lm_head.weight"] == nil)
    #expect(try model.exported(to: "nvidia-hymba").tensors["lm_head.weight"] != nil)
    let embedding = try #require(model.parameters.tensors["embed_tokens.weight"])
    _ = try model.parameters.bytes(of: embedding)

    let other = try head { $0.reversed() }
    #expect {
      try other.parameters.bytes(of: embedding)
    } throws: {
      "\($0)"
        == "“model.embed_tokens.weight” and “lm_head.weight” should be the same tensor, but their bytes differ"
    }
  }

  @Test("names without model. are the same layout, and come back without it")
  func withoutModel() throws {
    let folder = try TemporaryFolder()
    let path = try changed(in: folder) { entries in
      entries = entries.map {
        .init(
          $0.name.replacing("model.", with: "", maxReplacements: 1), $0.type, $0.dimensions,
          $0.bytes)
      }
    }
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    #expect(model.layout == LayoutReference(name: "nvidia-hymba", variant: NameVariant(omitted: "model.")))
    #expect(try model.exported(to: "nvidia-hymba").tensors["embed_tokens.weight"] != nil)
  }

  @Test("a single block without a model around it is named")
  func barebones() throws {
    let folder = try TemporaryFolder()
    let path = try changed(in: folder) { entries in
      entries = entries.filter { $0.name.hasPrefix("model.layers.0.mamba.") }.map {
        .init(String($0.name.dropFirst("model.layers.0.".count)), $0.type, $0.dimensions, $0.bytes)
      }
    }
    #expect {
      try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    } throws: {
      "\($0)".contains("this is a single block as NVIDIA's barebones_hymba builds it")
    }
  }

  @Test(
    "a configuration value that would be another model is refused by name",
    arguments: [
      (#""kq_norm":"layer""#, "kq_norm is “layer”; expected “none”, “rms” or “perhead-rms”"),
      (
        #""rope":true,"rope_type":"yarn""#,
        "rope_type is “yarn”; expected “default”, “ntk” or “dynamic_ntk”"
      ),
      (#""mlp_hidden_act":"tanh""#, "mlp_hidden_act is “tanh”; expected “silu” or “relu2”"),
      (
        #""kq_head_dim":64"#,
        "kq_head_dim is 64; expected -1, or hidden_size / num_attention_heads, 16"
      ),
      (
        #""kv_reuse_group":[[2,1]]"#,
        "kv_reuse_group is a group in which layer 1 uses the keys and values of layer 2; expected an earlier layer at the front of each group"
      ),
      (
        #""kv_reuse_group":[[0,1],[0,2]]"#,
        "kv_reuse_group is a list with several groups that begin with layer 0; expected one group for each layer whose keys and values others use"
      ),
      (
        #""kv_reuse_group":[[]]"#,
        "kv_reuse_group is a list with a list of 0; expected lists of layer numbers, each with the layer in front whose keys and values the others use"
      ),
      (#""rms_norm_eps":-1"#, "rms_norm_eps is -1.0; expected a number from 0 on"),
      (
        #""sliding_window":-1"#, "sliding_window is -1; expected a whole number from 0 to 16777216"
      ),
      (
        #""num_memory_tokens":100000"#,
        "num_memory_tokens is 100000; expected a whole number from 1 to 16384"
      ),
      (
        #""mamba_d_state":4294967296"#,
        "mamba_d_state is 4294967296; expected a whole number from 1 to 16777216"
      ),
      (
        #""mamba_d_state":16777216"#,
        "mamba_expand * hidden_size * (mamba_d_conv + mamba_d_state) is 2147484160; expected at most 67108864"
      ),
      (
        #""rope":true,"rope_type":"ntk","orig_max_position_embeddings":16,"max_position_embeddings":8"#,
        "max_position_embeddings is 8; expected more than half of orig_max_position_embeddings, 16, for this rope_type"
      ),
      (
        #""rope":true,"rope_type":"ntk""#,
        "orig_max_position_embeddings is absent; expected a length, for the rope_type “ntk”"
      ),
      (
        #""attn_implementation_new":"eager""#,
        "attn_implementation_new is “eager”; expected “flex”, “sdpa” or “flash_attention_2”"
      ),
      (
        #""mamba_expand":0.5,"num_memory_tokens":0,"kq_norm":"none","intermediate_size":1.5"#,
        "intermediate_size is 1.5; expected a whole number"
      ),
      (
        #""num_attention_heads":7"#,
        "num_attention_heads is 7; expected a divisor of hidden_size, 64"
      ),
      (#""num_hidden_layers":0"#, "num_hidden_layers is 0; expected a whole number from 1 to 4096"),
    ])
  func refused(_ option: String, _ message: String) throws {
    let folder = try TemporaryFolder()
    let base =
      option.contains("num_attention_heads")
      ? "" : #""num_attention_heads":4,"num_key_value_heads":2,"#
    let layers = option.contains("num_hidden_layers") ? "" : #""num_hidden_layers":4,"#
    let path = try folder.write(
      #"{"model_type":"hymba","hidden_size":64,\#(base)\#(layers)\#(option)}"#, to: "config.json")
    #expect { try readArchitecture(configuration: path) } throws: {
      "\($0)" == "\(path): \(message)"
    }
  }

  @Test("what a configuration leaves out has the default of its class")
  func defaults() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(#"{"model_type":"hymba"}"#, to: "config.json")
    let architecture = try readArchitecture(configuration: path)
    #expect(architecture.hiddenSize == 4096 && architecture.layers.count == 32)
    #expect(architecture.input == .tokens(vocabularySize: 65536) && architecture.output == .logits)
    #expect(architecture.metaTokens == .none)
    let attention = try #require(architecture.layers[0].attention)
    #expect(attention.heads == 32 && attention.keyValueHeads == 8 && attention.rotary == nil)
    #expect(attention.window == nil && attention.queryKeyNorm == nil)
    #expect(architecture.sizes(layer: 0)["rank"] == 256)
  }

  @Test("a head of 2 is named as what a scaled base cannot have")
  func smallHeads() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"{"model_type":"hymba","hidden_size":8,"num_attention_heads":4,"num_key_value_heads":2,"rope":true,"rope_type":"ntk","orig_max_position_embeddings":16}"#,
      to: "config.json")
    #expect { try readArchitecture(configuration: path) } throws: {
      "\($0)"
        == "\(path): hidden_size / num_attention_heads is 2; expected heads of 4 or more with the rope_type “ntk”: its base has the exponent d / (d - 2)"
    }
  }

  @Test(
    "keys and values come from where the original takes them",
    arguments: [
      (#""kv_reuse_group":[[0,1],[1,2],[2,3]]"#, [1: 0, 2: 0, 3: 0]),
      // The first group that a layer is in counts, in whatever order its users stand.
      (#""kv_reuse_group":[[0,3,1],[2,3]]"#, [1: 0, 3: 0]),
      (#""kv_reuse_group":[],"kv_reuse_every_i_layer":2"#, [:]),
      (#""kv_reuse_every_i_layer":3"#, [1: 0, 2: 0]),
      (#""kv_reuse_every_i_layer":1"#, [:]), (#""kv_reuse_group":[[0,9]]"#, [:]),
    ])
  func sharing(_ option: String, _ producers: [Int: Int]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"{"model_type":"hymba","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":1,"num_hidden_layers":4,\#(option)}"#,
      to: "config.json")
    let layers = try readArchitecture(configuration: path).layers
    for (index, layer) in layers.enumerated() {
      #expect(layer.attention?.keyValueLayer == producers[index], "layer \(index)")
    }
  }
}
