import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Zamba")
struct ZambaTests {
  @Test("the recorded checkpoint has exactly the parameters of its configuration")
  func inventory() throws {
    let model = try FamilyFixture.open(Fixture.folder("zamba-tiny"))
    let inventory = try #require(model.inventory)
    #expect(model.layout == LayoutReference(name: "hf-zamba", variant: NameVariant(sharedLayers: [7])))
    #expect(Set(inventory.map(\.name)) == Set(model.parameters.tensors.map(\.name)))
    for parameter in inventory {
      #expect(model.parameters.tensors[parameter.name]?.shape == parameter.shape)
    }
    // Counted by reference/hybrid_sizes.py, and in the file.
    #expect(inventory.count == 94 && inventory.elementCount == 94_080)
    #expect(model.architecture?.pattern == "mmsmsmms")
    #expect(model.architecture?.sharedBlock?.attention.scale == 1 / 8.0.squareRoot())
  }

  @Test("Zamba-7B-v1's configuration gives 784 tensors of 7 232 490 496 parameters")
  func released() throws {
    let architecture = try readArchitecture(
      configuration: Fixture.path("zamba-7b-v1", "config.json"))
    let inventory = try ParameterInventory(architecture)
    #expect(inventory.count == 784 && inventory.elementCount == 7_232_490_496)
    let plan = try LayoutPlan(
      LayoutCatalog.layout("hf-zamba"), NameVariant(), architecture, inventory,
      isPresent: { _ in false })
    #expect(Set(plan.moves.flatMap(\.targets)).count == 784)
    #expect(Set(plan.moves.flatMap(\.sources)).count == 784)
    // Where the library's writer leaves the block: 73, the last in the order of names, of 2, 7, 13, … 73.
    #expect(plan.variant.sharedLayers == [73])
    #expect(
      architecture.layers.indices.filter { architecture.layers[$0].usesSharedBlock }
        == [2] + Array(stride(from: 7, through: 73, by: 6)))
    let folder = try TemporaryFolder()
    let bare = try folder.write(#"{"model_type":"zamba"}"#, to: "config.json")
    #expect(try readArchitecture(configuration: bare) == architecture)
  }

  @Test("interleaved rows of in_proj become x then z, heads are stacked")
  func orientation() throws {
    let file = try SafetensorsSource(Fixture.path("zamba-tiny", "model.safetensors"))
    let model = try FamilyFixture.open(Fixture.folder("zamba-tiny"))
    func theirs(_ name: String) throws -> [UInt8] {
      try file.bytes(of: #require(file.tensors[name]))
    }
    func ours(_ name: String) throws -> [UInt8] {
      try model.parameters.bytes(of: #require(model.parameters.tensors[name]))
    }
    for (layer, prefix) in [(0, ""), (4, "mamba_decoder.")] {
      let interleaved = try theirs("model.layers.\(layer).\(prefix)mamba.in_proj.weight")
      let rows = try ours("layers.\(layer).mamba.in_proj.weight")
      for channel in 0..<64 {
        #expect(rows.part(channel, of: 128) == interleaved.part(2 * channel, of: 128))
        #expect(rows.part(64 + channel, of: 128) == interleaved.part(2 * channel + 1, of: 128))
      }
      #expect(
        try ours("layers.\(layer).mamba.x_proj.weight")
          == theirs("model.layers.\(layer).\(prefix)mamba.x_proj_weight"))
    }
    #expect(
      model.parameters.tensors["layers.0.mamba.x_proj.weight"]?.shape.dimensions == [2 * 19, 32])
  }

  @Test("a container gives the checkpoint back bit for bit")
  func identity() throws {
    try FamilyFixture.expectRoundTrip(Fixture.folder("zamba-tiny"), through: "hf-zamba")
  }

  /// The recorded checkpoint with the block under these layers.
  private func shared(
    at layers: [Int], changing: (layer: Int, tensor: String)? = nil
  ) throws -> ChangedCheckpoint {
    try ChangedCheckpoint("zamba-tiny") { entries in
      let mark = "model.layers.7.shared_transf."
      let block = entries.filter { $0.name.hasPrefix(mark) }
      entries.removeAll { $0.name.hasPrefix(mark) }
      for layer in layers {
        for tensor in block {
          let part = String(tensor.name.dropFirst(mark.count))
          var bytes = tensor.bytes
          if let changing, changing == (layer, part) { bytes[bytes.count - 1] ^= 1 }
          entries.append(
            .init("model.layers.\(layer).shared_transf.\(part)", .float32, tensor.dimensions, bytes)
          )
        }
      }
    }
  }

  @Test(
    "a block under any of the hybrid layers, or several, is one block and comes back as it was",
    arguments: [[2], [4], [2, 7], [2, 4, 7]])
  func copies(_ layers: [Int]) throws {
    let checkpoint = try shared(at: layers)
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(
      model.layout.variant.text == "shared at " + layers.map { "\($0)" }.joined(separator: ", "))
    try FamilyFixture.expectSame(
      model.parameters, FamilyFixture.open(Fixture.folder("zamba-tiny")).parameters)
    try FamilyFixture.expectRoundTrip(checkpoint.path, through: "hf-zamba")
  }

  @Test("copies that differ in one bit are refused with both names")
  func differingCopies() throws {
    let checkpoint = try shared(
      at: [2, 4, 7], changing: (7, "feed_forward.gate_proj.weight"))
    let model = try FamilyFixture.open(checkpoint.path)
    let tensor = try #require(model.parameters.tensors["shared.ffn.gate_proj.weight"])
    #expect { try model.parameters.bytes(of: tensor) } throws: {
      "\($0)"
        == "“model.layers.2.shared_transf.feed_forward.gate_proj.weight” and “model.layers.7.shared_transf.feed_forward.gate_proj.weight” should be the same tensor, but their bytes differ"
    }
  }

  @Test("a copy that lacks a tensor is refused with its name")
  func incompleteCopy() throws {
    let missing = "model.layers.4.shared_transf.self_attn.v_proj.weight"
    let checkpoint = try ChangedCheckpoint("zamba-tiny") { entries in
      for tensor in entries where tensor.name.hasPrefix("model.layers.7.shared_transf.") {
        let name = tensor.name.replacing("layers.7", with: "layers.4")
        if name != missing {
          entries.append(.init(name, tensor.type, tensor.dimensions, tensor.bytes))
        }
      }
    }
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "the tensors do not fit the model: 1 missing: \(missing)")
  }

  @Test(
    "other options come back too: one Mamba head and several, biases, grouped queries, a head of its own",
    arguments: [1, 3])
  func options(_ heads: Int) throws {
    let config =
      #"{"model_type":"zamba","hidden_size":24,"intermediate_size":20,"num_hidden_layers":4,"num_attention_heads":4,"num_key_value_heads":2,"attention_head_dim":10,"n_mamba_heads":\#(heads),"attn_layer_period":3,"attn_layer_offset":0,"mamba_d_state":5,"mamba_d_conv":3,"mamba_dt_rank":"auto","mamba_proj_bias":true,"hidden_act":"silu","tie_word_embeddings":false,"vocab_size":10}"#
    let folder = try TemporaryFolder()
    let architecture = try readArchitecture(
      configuration: folder.write(config, to: "config.json"))
    #expect(architecture.pattern == "mmss" && architecture.output == .logits)
    let block = try #require(architecture.sharedBlock)
    #expect(block.feedForward == .swiGLU(intermediateSize: 20))
    #expect(block.attention.keyWidth == 20 && block.attention.queryWidth == 40)
    try FamilyFixture.expectRandomRoundTrip(architecture, through: "hf-zamba", config: config)
  }
}
