import FoundationEssentials
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Architectures with Mamba-2")
struct WiderArchitectureTests {
  private static let mamba = [
    "in_proj.weight [48, 8]", "conv1d.weight [32, 3]", "conv1d.bias [32]", "dt_bias [4]",
    "A_log [4]", "D [4]", "norm.weight [12]", "out_proj.weight [8, 12]",
  ]

  private func names(
    _ hybrid: WiderHybrids, under prefix: String
  ) throws -> [String] {
    try ParameterInventory(hybrid.architecture).filter { $0.name.hasPrefix(prefix) }.map {
      "\($0.name.dropFirst(prefix.count)) \($0.shape.dimensions)"
    }
  }

  @Test("each shared block is there once, and each use has its own adapters and projection")
  func zamba2() throws {
    let block = [
      "norm.weight [16]", "attention.q_proj.weight [16, 16]", "attention.k_proj.weight [16, 16]",
      "attention.v_proj.weight [16, 16]", "attention.o_proj.weight [8, 16]", "ffn_norm.weight [8]",
      "ffn.up_proj.weight [7, 8]", "ffn.gate_proj.weight [7, 8]", "ffn.down_proj.weight [8, 7]",
    ]
    for index in 0..<2 { #expect(try names(.zamba2, under: "shared.\(index).") == block) }
    #expect(try names(.zamba2, under: "shared.").count == 2 * block.count)
    #expect(
      try names(.zamba2, under: "layers.2.")
        == ["norm.weight [8]"] + Self.mamba.map { "mamba." + $0 })
    var use: [String] = []
    for projection in ["q_proj", "k_proj", "v_proj"] {
      use.append("adapter.\(projection).down.weight [2, 16]")
      use.append("adapter.\(projection).up.weight [16, 2]")
    }
    // Fourteen rows: those of the gate, then those of the up projection.
    use += ["adapter.ffn.down.weight [2, 8]", "adapter.ffn.up.weight [14, 2]", "shared_proj.weight [8, 8]"]
    for layer in [1, 3, 4] {
      #expect(
        try names(.zamba2, under: "layers.\(layer).")
          == use + ["norm.weight [8]"] + Self.mamba.map { "mamba." + $0 })
    }
    #expect(try names(.zamba2, under: "lm_head") == [])
    let uses = try WiderHybrids.zamba2.architecture.sharedUses
    #expect(uses.map(\.layer) == [1, 3, 4] && uses.map(\.use) == [0, 1, 2])
    #expect(uses.map(\.block) == [0, 1, 0])
  }

  @Test("branches that are added have no fusion, and a branch without a gated norm no weight of it")
  func falconH1() throws {
    let attention = [
      "attention.q_proj.weight [24, 8]", "attention.k_proj.weight [12, 8]",
      "attention.v_proj.weight [12, 8]", "attention.o_proj.weight [8, 24]",
    ]
    let network = [
      "ffn_norm.weight [8]", "ffn.up_proj.weight [7, 8]", "ffn.gate_proj.weight [7, 8]",
      "ffn.down_proj.weight [8, 7]",
    ]
    var mamba = Self.mamba
    mamba.insert("in_proj.bias [48]", at: 1)
    let whole = ["norm.weight [8]"] + attention + mamba.map { "mamba." + $0 } + network
    #expect(try names(.falconH1, under: "layers.1.") == whole)
    #expect(
      try names(.falconH1, under: "layers.0.") == whole.filter { $0 != "mamba.norm.weight [12]" })
  }

  @Test("biases are those of the flags: of attention, of the network, of Mamba's projections")
  func bamba() throws {
    var mamba = Self.mamba
    mamba.insert("in_proj.bias [48]", at: 1)
    mamba.append("out_proj.bias [8]")
    let network = [
      "ffn_norm.weight [8]", "ffn.up_proj.weight [7, 8]", "ffn.up_proj.bias [7]",
      "ffn.gate_proj.weight [7, 8]", "ffn.gate_proj.bias [7]", "ffn.down_proj.weight [8, 7]",
      "ffn.down_proj.bias [8]",
    ]
    #expect(
      try names(.bamba, under: "layers.0.")
        == ["norm.weight [8]"] + mamba.map { "mamba." + $0 } + network)
    #expect(
      try names(.bamba, under: "layers.1.attention.").filter { $0.contains("bias") }
        == ["q_proj.bias [24]", "k_proj.bias [12]", "v_proj.bias [12]", "o_proj.bias [8]"])
  }

  @Test("a network beside the experts is called shared")
  func granite() throws {
    var mixture = ["router.weight [5, 8]"]
    for expert in 0..<5 {
      mixture += [
        "experts.\(expert).up_proj.weight [7, 8]", "experts.\(expert).gate_proj.weight [7, 8]",
        "experts.\(expert).down_proj.weight [8, 7]",
      ]
    }
    mixture += [
      "shared.up_proj.weight [9, 8]", "shared.gate_proj.weight [9, 8]",
      "shared.down_proj.weight [8, 9]",
    ]
    for layer in 0..<2 { #expect(try names(.granite, under: "layers.\(layer).ffn.") == mixture) }
    let inventory = try ParameterInventory(WiderHybrids.granite.architecture)
    #expect(inventory["layers.0.ffn.shared.up_proj.weight"]?.part == .feedForward)
    #expect(inventory["layers.0.ffn.shared.up_proj.weight"]?.isShared == false)
    // Three of five experts are not chosen, in two layers.
    #expect(inventory.activeElementCount == inventory.elementCount - 2 * 3 * 3 * 7 * 8)
  }

  @Test("a layer of one operation has one norm, and experts behind a latent projection its width")
  func nemotronH() throws {
    #expect(
      try names(.nemotronH, under: "layers.1.")
        == ["ffn_norm.weight [8]", "ffn.up_proj.weight [7, 8]", "ffn.down_proj.weight [8, 7]"])
    #expect(
      try names(.nemotronH, under: "layers.2.").filter { $0.contains("norm") } == ["norm.weight [8]"])
    var mixture = [
      "ffn_norm.weight [8]", "ffn.router.weight [6, 8]", "ffn.router.bias [6]",
      "ffn.latent_in.weight [4, 8]",
    ]
    for expert in 0..<6 {
      mixture += [
        "ffn.experts.\(expert).up_proj.weight [7, 4]", "ffn.experts.\(expert).down_proj.weight [4, 7]",
      ]
    }
    mixture += [
      "ffn.latent_out.weight [8, 4]", "ffn.shared.up_proj.weight [9, 8]",
      "ffn.shared.down_proj.weight [8, 9]",
    ]
    #expect(try names(.nemotronH, under: "layers.3.") == mixture)
    let inventory = try ParameterInventory(WiderHybrids.nemotronH.architecture)
    // Four of six experts are not chosen.
    #expect(inventory.activeElementCount == inventory.elementCount - 4 * 2 * 7 * 4)
  }

  /// The states of one branch: two positions of 32 channels, and 12 channels of 5.
  private static let states = 2 * 32 + 12 * 5

  @Test("each use of a block keeps keys and values, each Mamba-2 its convolution and its state")
  func cache() throws {
    let zamba2 = try WiderHybrids.zamba2.architecture
    #expect(zamba2.cacheSize(context: 9) == .init(keyValues: 3 * 9 * 32, states: 5 * Self.states))
    #expect(zamba2.keyValuesPerToken == 3 * 32)
    let falconH1 = try WiderHybrids.falconH1.architecture
    #expect(falconH1.cacheSize(context: 9) == .init(keyValues: 2 * 9 * 24, states: 2 * Self.states))
    let nemotronH = try WiderHybrids.nemotronH.architecture
    #expect(nemotronH.cacheSize(context: 9) == .init(keyValues: 9 * 24, states: Self.states))
    let windowed = try WiderHybrids.windowed.architecture
    // Two meta tokens, three positions of the window and the current one; the first generation has 12 channels.
    #expect(
      windowed.cacheSize(context: 9)
        == .init(keyValues: 3 * (2 + 4) * 12, states: 2 * Self.states + (2 + 5) * 12))
  }

  @Test("the work of a token counts every use of a block, adapters, latent projections, the shared expert")
  func work() throws {
    func work(_ hybrid: WiderHybrids) throws -> Architecture.Work {
      let architecture = try hybrid.architecture
      return architecture.work(context: 9, try ParameterInventory(architecture))
    }
    let mamba = 48 * 8 + 8 * 12 + 32 * 3 + 3 * 12 * 5
    let block = 3 * 16 * 16 + 8 * 16 + 3 * 7 * 8
    let adapters = 3 * 2 * (2 * 16) + 2 * 8 + 14 * 2
    let zamba2 = try work(.zamba2)
    #expect(zamba2.perToken == 5 * mamba + 3 * (block + adapters + 8 * 8) + 11 * 8)
    #expect(zamba2.attention == 3 * (16 + 16) * 9)
    let attention = 24 * 8 + 2 * 12 * 8 + 8 * 24
    let experts = 6 * 8 + 4 * 8 + 2 * (2 * 7 * 4) + 8 * 4 + 2 * 9 * 8
    let nemotronH = try work(.nemotronH)
    #expect(nemotronH.perToken == mamba + 2 * 7 * 8 + attention + experts + 11 * 8)
    #expect(nemotronH.attention == (24 + 24) * 9)
    let granite = try work(.granite)
    let mixture = 5 * 8 + 2 * (3 * 7 * 8) + 3 * 9 * 8
    #expect(granite.perToken == mamba + attention + 2 * mixture + 11 * 8)
  }

  @Test(
    "the pattern tells Mamba-2 from Mamba, and a feed forward alone",
    arguments: [
      (WiderHybrids.zamba2, "dtdtt"), (.falconH1, "qq"), (.bamba, "da"), (.granite, "DA"),
      (.nemotronH, "dfaF"), (.windowed, "vvw"),
    ])
  func pattern(_ hybrid: WiderHybrids, _ pattern: String) throws {
    #expect(try hybrid.architecture.pattern == pattern)
  }

  @Test("their JSON text gives them back", arguments: WiderHybrids.allCases)
  func json(_ hybrid: WiderHybrids) throws {
    let architecture = try hybrid.architecture
    #expect(try Architecture(json: architecture.json) == architecture)
    let decoded = try JSONDecoder().decode(
      Architecture.self, from: JSONEncoder().encode(architecture))
    #expect(decoded == architecture)
  }

  @Test("the text of a model has no key of what it has not, so older models keep their text")
  func olderText() throws {
    for architecture in [try Hybrids.jamba, try Hybrids.zamba] {
      let text = String(decoding: architecture.json, as: UTF8.self)
      for key in ["ultiplier", "count\":null", "adapters", "groups", "headSize", "size\":null"] {
        #expect(!text.contains(key), "\(key)")
      }
    }
    #expect(!String(decoding: try Hybrids.zamba.json, as: UTF8.self).contains("count"))
  }

  @Test("experts that name the function which stands for nothing are read as before")
  func olderExperts() throws {
    let text = String(decoding: try Hybrids.jamba.json, as: UTF8.self)
    let named = text.replacing(#""experts":{"#, with: #""experts":{"activation":"silu","#)
    #expect(named != text)
    let architecture = try Architecture(json: Array(named.utf8))
    #expect(architecture.layers[1].feedForward.activation == .silu)
    let inventories = try [architecture, Hybrids.jamba].map { try ParameterInventory($0).map(\.name) }
    #expect(inventories[0] == inventories[1])
  }

  @Test(
    "a document is refused by the key that its kind has not",
    arguments: [
      (
        WiderHybrids.nemotronH, #""headSize":3"#, #""headSize":3,"rank":2"#,
        "an architecture has no “layers.0.mixer.mamba.mamba.rank”"
      ),
      (.nemotronH, #""headSize":3,"#, "", "a value is missing at layers.0.mixer.mamba.mamba.innerSize"),
      (.zamba2, #""rank":2"#, #""rnk":2"#, "a value is missing at sharedBlock.adapters.rank"),
      (
        .falconH1, #""fusion":"sum""#, #""fusion":"added""#,
        "Cannot initialize Fusion from invalid String value added at layers.0.mixer.parallel.fusion"
      ),
    ])
  func wrongDocuments(_ hybrid: WiderHybrids, _ old: String, _ new: String, _ message: String) throws {
    let text = String(decoding: try hybrid.architecture.json, as: UTF8.self)
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    #expect(changed != text)
    #expect { try Architecture(json: Array(changed.utf8)) } throws: {
      "\($0)" == "the configuration cannot be used: \(message)"
    }
  }

  @Test("no mixer and no multipliers are said by silence, by null or by an empty object")
  func absent() throws {
    let architecture = try WiderHybrids.nemotronH.architecture
    let text = String(decoding: architecture.json, as: UTF8.self)
    let other = text.replacing(
      #"{"feedForward":{"reluSquared""#, with: #"{"mixer":null,"feedForward":{"reluSquared""#)
    #expect(other != text)
    for multipliers in ["null", "{}"] {
      let whole = other.replacing(
        #""hiddenSize":8"#, with: #""hiddenSize":8,"multipliers":\#(multipliers)"#)
      #expect(try Architecture(json: Array(whole.utf8)) == architecture)
    }
  }
}
