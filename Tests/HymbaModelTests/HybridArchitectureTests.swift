import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

/// Small hybrids of the two other kinds, sizes such that no two are alike.
enum Hybrids {
  static let mamba = Architecture.Mamba(
    innerSize: 12, heads: 2, stateSize: 3, rank: 2, convWidth: 4,
    biases: [.convolution, .timeStep], decay: .learned, timeStepClip: nil, inputTimeStep: .own,
    skip: true, innerNorms: .none)

  static let attention = Architecture.Attention(
    heads: 4, keyValueHeads: 2, keyHeadSize: 5, valueHeadSize: 5, biases: [])

  /// Mamba, attention with experts.
  static var jamba: Architecture {
    get throws {
      var mamba = mamba
      mamba.heads = 1
      mamba.innerNorms = .weighted
      return try Architecture(
        input: .tokens(vocabularySize: 11), hiddenSize: 6,
        norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
        layers: [
          .init(mixer: .mamba(mamba: .mamba(mamba)), feedForward: .swiGLU(intermediateSize: 7)),
          .init(
            mixer: .attention(attention: attention),
            feedForward: .experts(count: 3, perToken: 2, intermediateSize: 7)),
        ], output: .logits)
    }
  }

  /// Mamba, then twice the shared block.
  static var zamba: Architecture {
    get throws {
      var attention = attention
      attention.scale = 0.5
      let hybrid = Architecture.Layer(mixer: .sharedThenMamba(mamba: .mamba(mamba)), feedForward: .none)
      return try Architecture(
        input: .tokens(vocabularySize: 11), hiddenSize: 6,
        norm: .init(kind: .rmsNorm, epsilon: 1e-5), metaTokens: .none,
        layers: [.init(mixer: .mamba(mamba: .mamba(mamba)), feedForward: .none), hybrid, hybrid],
        sharedBlock: .init(attention: attention, feedForward: .geGLU(intermediateSize: 7)),
        output: .tiedLogits)
    }
  }
}

@Suite("Architectures of the family")
struct HybridArchitectureTests {
  @Test("attention layers and experts have the parameters of their own")
  func jambaInventory() throws {
    let inventory = try ParameterInventory(Hybrids.jamba)
    var names = [
      "embed_tokens.weight", "layers.0.norm.weight", "layers.0.mamba.in_proj.weight",
      "layers.0.mamba.conv1d.weight", "layers.0.mamba.conv1d.bias",
      "layers.0.mamba.x_proj.weight", "layers.0.mamba.dt_proj.weight",
      "layers.0.mamba.dt_proj.bias", "layers.0.mamba.out_proj.weight",
      "layers.0.mamba.dt_norm.weight", "layers.0.mamba.B_norm.weight",
      "layers.0.mamba.C_norm.weight", "layers.0.mamba.A_log", "layers.0.mamba.D",
      "layers.0.ffn_norm.weight", "layers.0.ffn.up_proj.weight", "layers.0.ffn.gate_proj.weight",
      "layers.0.ffn.down_proj.weight", "layers.1.norm.weight",
      "layers.1.attention.q_proj.weight", "layers.1.attention.k_proj.weight",
      "layers.1.attention.v_proj.weight", "layers.1.attention.o_proj.weight",
      "layers.1.ffn_norm.weight", "layers.1.ffn.router.weight",
    ]
    for expert in 0..<3 {
      for projection in ["up", "gate", "down"] {
        names.append("layers.1.ffn.experts.\(expert).\(projection)_proj.weight")
      }
    }
    names += ["final_norm.weight", "lm_head.weight"]
    #expect(inventory.map(\.name) == names)
    #expect(inventory["layers.0.mamba.x_proj.weight"]?.shape.dimensions == [2 + 2 * 3, 12])
    #expect(inventory["layers.1.attention.k_proj.weight"]?.shape.dimensions == [10, 6])
    #expect(inventory["layers.1.attention.o_proj.weight"]?.shape.dimensions == [6, 20])
    #expect(inventory["layers.1.ffn.router.weight"]?.shape.dimensions == [3, 6])
    #expect(inventory["layers.1.ffn.router.weight"]?.part == .experts)
    #expect(inventory["layers.1.ffn.experts.2.down_proj.weight"]?.shape.dimensions == [6, 7])
    // One of three experts is not chosen.
    #expect(inventory.activeElementCount == inventory.elementCount - 3 * 7 * 6)
  }

  @Test("the shared block is there once, reads twice the width, and each user projects it")
  func zambaInventory() throws {
    let inventory = try ParameterInventory(Hybrids.zamba)
    let shared = inventory.filter(\.isShared)
    #expect(
      shared.map(\.name) == [
        "shared.norm.weight", "shared.attention.q_proj.weight", "shared.attention.k_proj.weight",
        "shared.attention.v_proj.weight", "shared.attention.o_proj.weight",
        "shared.ffn_norm.weight", "shared.ffn.up_proj.weight", "shared.ffn.gate_proj.weight",
        "shared.ffn.down_proj.weight",
      ])
    #expect(
      shared.map(\.shape.dimensions) == [
        [12], [20, 12], [10, 12], [10, 12], [6, 20], [6], [7, 6], [7, 6], [6, 7],
      ])
    #expect(inventory["layers.0.shared_proj.weight"] == nil)
    #expect(inventory["layers.2.shared_proj.weight"]?.shape.dimensions == [6, 6])
    // Two heads, each with rows for dt, B and C over its 6 channels.
    #expect(inventory["layers.1.mamba.x_proj.weight"]?.shape.dimensions == [2 * (2 + 2 * 3), 6])
    #expect(inventory["layers.1.mamba.dt_proj.weight"]?.shape.dimensions == [12, 2])
    #expect(inventory["layers.0.ffn_norm.weight"] == nil && inventory["lm_head.weight"] == nil)
  }

  @Test("a shared block keeps keys and values for each use, attention alone for itself")
  func cache() throws {
    let (jamba, zamba) = (try Hybrids.jamba, try Hybrids.zamba)
    // (4 - 1 + 3) * 12 states for each Mamba; 2 * 10 values for each position.
    #expect(jamba.cacheSize(context: 9) == .init(keyValues: 9 * 20, states: 72))
    #expect(zamba.cacheSize(context: 9) == .init(keyValues: 2 * 9 * 20, states: 3 * 72))
    #expect(jamba.keyValuesPerToken == 20 && zamba.keyValuesPerToken == 40)
    var attention = Hybrids.attention
    attention.window = 4
    let windowed = try jamba.changed { [attention] in
      $0.layers[1].mixer = .attention(attention: attention)
    }
    #expect(windowed.cacheSize(context: 9).keyValues == 5 * 20)
    #expect(windowed.keyValuesPerToken == 0)
  }

  @Test("the work of a token counts chosen experts, every use of the shared block, and the head")
  func work() throws {
    let jamba = try Hybrids.jamba.work(context: 9, try ParameterInventory(Hybrids.jamba))
    let mamba = 24 * 6 + 8 * 12 + 12 * 2 + 6 * 12 + 12 * (4 + 4 * 3)
    let attention = 20 * 6 + 2 * 10 * 6 + 6 * 20
    #expect(jamba.perToken == mamba + 3 * 7 * 6 + attention + 3 * 6 + 2 * 3 * 7 * 6 + 11 * 6)
    #expect(jamba.attention == (20 + 20) * 9)
    #expect(jamba.total == jamba.perToken + jamba.attention)
    let zamba = try Hybrids.zamba.work(context: 9, try ParameterInventory(Hybrids.zamba))
    let heads = 24 * 6 + 16 * 6 + 12 * 2 + 6 * 12 + 12 * (4 + 4 * 3)
    let block = 20 * 12 + 2 * 10 * 12 + 6 * 20 + 3 * 7 * 6
    #expect(zamba.perToken == 3 * heads + 2 * (block + 6 * 6) + 11 * 6)
    #expect(zamba.attention == 2 * (20 + 20) * 9)
  }

  @Test("the pattern has a letter for each layer, a capital one for experts")
  func pattern() throws {
    #expect(try Hybrids.jamba.pattern == "mA" && Hybrids.zamba.pattern == "mss")
    #expect(try Architecture.hymba(embedDim: 4, hiddenSize: 4).pattern == "pppp")
    var attention = Hybrids.attention
    attention.window = 4
    let windowed = try Hybrids.jamba.changed { [attention] in
      $0.layers[1].mixer = .attention(attention: attention)
      $0.layers[0].mixer = .parallel(
        attention: attention, mamba: .mamba(Hybrids.mamba), fusion: .gated)
    }
    #expect(windowed.pattern == "wL")
  }

  @Test("their JSON text gives them back", arguments: try [Hybrids.jamba, Hybrids.zamba])
  func json(_ architecture: Architecture) throws {
    #expect(try Architecture(json: architecture.json) == architecture)
  }

  @Test("documents without Mamba heads and shared block are those of models without")
  func olderDocuments() throws {
    let text = String(decoding: try Hybrids.jamba.json, as: UTF8.self)
    #expect(text.contains(#""heads":1,"#) && !text.contains("sharedBlock"))
    let older = text.replacing(#""heads":1,"#, with: "")
    #expect(try Architecture(json: Array(older.utf8)) == Hybrids.jamba)
  }
}
