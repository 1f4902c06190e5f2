import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Layouts of several shared blocks")
struct SharedBlockLayoutTests {
  /// Two blocks: layers 1 and 5 apply the first, layers 3 and 6 the second.
  private static let set = "zamba2-tiny"
  private static let (first, second) = ([1, 5], [3, 6])

  @Test("the recorded blocks, with the adapters of each application, become parameters of the model")
  func recorded() throws {
    let source = try SourceOpener.open(Fixture.folder(Self.set))
    let model = try FamilyFixture.open(Fixture.folder(Self.set))
    #expect(model.layout.variant.text == "shared at 1, 3")
    func theirs(_ name: String) throws -> [UInt8] {
      try source.bytes(of: #require(source.tensors["model.layers." + name]))
    }
    func ours(_ name: String) throws -> [UInt8] {
      try model.parameters.bytes(of: #require(model.parameters.tensors[name]))
    }
    // Layer 5 is the third that applies a block, and so has slot 2 of the block under layer 1.
    for (layer, host, use) in [(1, 1, 0), (3, 3, 1), (5, 1, 2), (6, 3, 3)] {
      let block = "\(host).shared_transformer."
      #expect(
        try ours("layers.\(layer).adapter.k_proj.down.weight")
          == theirs(block + "self_attn.linear_k_adapter_list.\(use).0.weight"))
      #expect(
        try ours("layers.\(layer).adapter.ffn.up.weight")
          == theirs(block + "feed_forward.gate_up_proj_adapter_list.\(use).1.weight"))
    }
    for (block, host) in [(0, 1), (1, 3)] {
      let both = try theirs("\(host).shared_transformer.feed_forward.gate_up_proj.weight")
      #expect(try ours("shared.\(block).ffn.gate_proj.weight") == both.part(0, of: 2))
      #expect(try ours("shared.\(block).ffn.up_proj.weight") == both.part(1, of: 2))
    }
  }

  /// The recorded checkpoint with the blocks under these layers.
  private func shared(
    at layers: [Int], changing: (layer: Int, tensor: String)? = nil
  ) throws -> ChangedCheckpoint {
    try ChangedCheckpoint(Self.set) { entries in
      for (host, users) in [(1, Self.first), (3, Self.second)] {
        let mark = "model.layers.\(host).shared_transformer."
        let block = entries.filter { $0.name.hasPrefix(mark) }
        entries.removeAll { $0.name.hasPrefix(mark) }
        for layer in layers.filter(users.contains) {
          for tensor in block {
            let part = String(tensor.name.dropFirst(mark.count))
            var bytes = tensor.bytes
            if let changing, changing == (layer, part) { bytes[bytes.count - 1] ^= 1 }
            entries.append(
              .init(
                "model.layers.\(layer).shared_transformer.\(part)", tensor.type, tensor.dimensions,
                bytes))
          }
        }
      }
    }
  }

  @Test(
    "blocks under the first, the last or all of their layers are the same blocks, and come back as they were",
    arguments: [[1, 3], [5, 6], [3, 5], [1, 3, 5], [1, 3, 5, 6]])
  func copies(_ layers: [Int]) throws {
    let checkpoint = try shared(at: layers)
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(model.layout.variant.sharedLayers == layers)
    try FamilyFixture.expectSame(
      model.parameters, FamilyFixture.open(Fixture.folder(Self.set)).parameters)
    try FamilyFixture.expectRoundTrip(checkpoint.path, through: "hf-zamba2")
  }

  @Test(
    "copies that differ in one bit are refused with both names, those of adapters too",
    arguments: [
      ("feed_forward.gate_up_proj.weight", "shared.1.ffn.gate_proj.weight"),
      ("self_attn.o_proj.weight", "shared.1.attention.o_proj.weight"),
      ("self_attn.linear_v_adapter_list.3.1.weight", "layers.6.adapter.v_proj.up.weight"),
    ])
  func differingCopies(_ tensor: String, _ parameter: String) throws {
    let checkpoint = try shared(at: [1, 3, 6], changing: (6, tensor))
    let model = try FamilyFixture.open(checkpoint.path)
    let descriptor = try #require(model.parameters.tensors[parameter])
    #expect { try model.parameters.bytes(of: descriptor) } throws: {
      "\($0)"
        == "“model.layers.3.shared_transformer.\(tensor)” and “model.layers.6.shared_transformer.\(tensor)” should be the same tensor, but their bytes differ"
    }
  }

  @Test("a block that is nowhere is missing under the first of its layers")
  func missingBlock() throws {
    let checkpoint = try shared(at: [5])
    let message = FamilyFixture.message(opening: checkpoint.path)
    #expect(
      message.hasPrefix(
        "the tensors do not fit the model: 24 missing: model.layers.3.shared_transformer.input_layernorm.weight, "
      ), "\(message)")
  }

  @Test(
    "an export has each block where it was, or under the first of its layers",
    arguments: [([], [1, 3]), ([5], [3, 5]), ([3, 6], [1, 3, 6])])
  func places(_ remembered: [Int], _ layers: [Int]) throws {
    let model = try FamilyFixture.open(Fixture.folder(Self.set))
    let (architecture, inventory) = try model.requireArchitecture(for: "a plan")
    let plan = try LayoutPlan(
      LayoutCatalog.layout("hf-zamba2"), NameVariant(sharedLayers: remembered), architecture,
      inventory, isPresent: { _ in false })
    #expect(plan.variant.sharedLayers == layers)
    #expect(Set(plan.moves.flatMap(\.targets)) == Set(inventory.map(\.name)))
    let hosts = plan.moves.flatMap(\.sources).compactMap { name in
      name.contains(".shared_transformer.") ? Int(name.split(separator: ".")[2]) : nil
    }
    #expect(Set(hosts).sorted() == layers)
  }

  @Test("a layout of the user's own may count layers from 1, and keep adapters apart from the blocks")
  func ownNames() throws {
    let model = try FamilyFixture.open(Fixture.folder(Self.set))
    let (architecture, inventory) = try model.requireArchitecture(for: "a plan")
    let layout = try Layout(
      json: Array(
        #"""
        {"name":"own","title":"t","configuration":"architecture","signature":["a"],"rules":[
          {"from":["s{host+1}.norm"],"to":["shared.{block}.norm.weight"],"steps":[{"same":true}]},
          {"from":["adapters.{use}.down"],"to":["layers.{layer}.adapter.ffn.down.weight"]},
          {"from":["s{host+1}.adapters.{use}.up"],"to":["layers.{layer}.adapter.ffn.up.weight"],"steps":[{"same":true}],
            "when":{"has":["layers.{layer}.shared_proj.weight"]}},
          {"from":["s{host}.none"],"to":["shared.{block}.none"],"steps":[{"same":true}]}]}
        """#.utf8))
    let plan = try LayoutPlan(
      layout, NameVariant(), architecture, inventory,
      isPresent: { $0.hasPrefix("s6.") || $0 == "s2.norm" })
    #expect(plan.variant.sharedLayers == [1, 3, 5])
    #expect(
      Set(plan.moves) == [
        Move(sources: ["adapters.0.down"], targets: ["layers.1.adapter.ffn.down.weight"], steps: []),
        Move(sources: ["adapters.1.down"], targets: ["layers.3.adapter.ffn.down.weight"], steps: []),
        Move(sources: ["adapters.2.down"], targets: ["layers.5.adapter.ffn.down.weight"], steps: []),
        Move(sources: ["adapters.3.down"], targets: ["layers.6.adapter.ffn.down.weight"], steps: []),
        Move(sources: ["s2.norm", "s6.norm"], targets: ["shared.0.norm.weight"], steps: [.same(2)]),
        Move(sources: ["s4.norm"], targets: ["shared.1.norm.weight"], steps: []),
        Move(
          sources: ["s2.adapters.0.up", "s6.adapters.0.up"],
          targets: ["layers.1.adapter.ffn.up.weight"], steps: [.same(2)]),
        Move(
          sources: ["s4.adapters.1.up"], targets: ["layers.3.adapter.ffn.up.weight"], steps: []),
        Move(
          sources: ["s2.adapters.2.up", "s6.adapters.2.up"],
          targets: ["layers.5.adapter.ffn.up.weight"], steps: [.same(2)]),
        Move(
          sources: ["s4.adapters.3.up"], targets: ["layers.6.adapter.ffn.up.weight"], steps: []),
      ])
    #expect(plan.idleRules == [3])
  }
}
