import HymbaFormat
import HymbaModel

/// Zyphra's `config.json` of a Zamba of the first version, read with the defaults of its configuration class
/// (`configuration_zamba.py` of transformers), which are those of Zamba-7B-v1.
struct ZambaConfiguration: Hashable, Sendable {
  private let values: ConfigurationValues

  static func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("zamba")
      || document["model_type"] == nil && document["n_mamba_heads"] != nil
  }

  init(_ document: JSONValue) { self.values = ConfigurationValues(document) }

  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that the original cannot use, or
  ///   that would be another model than is computed here; ``ModelError`` for sizes that do not fit together.
  func architecture() throws -> Architecture {
    try values.require("hidden_mamba_act", only: "silu")
    let hidden = try values.size("hidden_size", 3712)
    let mamba = try mamba(hidden)
    let layers = try hybrids().map { isHybrid in
      Architecture.Layer(
        mixer: isHybrid ? .sharedThenMamba(mamba: mamba) : .mamba(mamba: mamba), feedForward: .none)
    }
    let architecture = Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size", 32000)), hiddenSize: hidden,
      norm: .init(kind: .rmsNorm, epsilon: try values.number("rms_norm_eps", 1e-5)),
      metaTokens: .none, layers: layers,
      sharedBlock: layers.contains(where: \.usesSharedBlock) ? try sharedBlock(hidden) : nil,
      output: try values.flag("tie_word_embeddings", true) ? .tiedLogits : .logits)
    try architecture.validate()
    return architecture
  }

  /// For each layer whether it applies the shared block.
  private func hybrids() throws(ConversionError) -> [Bool] {
    let count = try values.size("num_hidden_layers", 76, atMost: Architecture.largestLayerCount)
    guard let types = try values.list("layers_block_type") else {
      let period = try values.size("attn_layer_period", 6)
      let offset = try values.whole("attn_layer_offset", 4)
      return (0..<count).map { $0 < 3 ? $0 == 2 : ($0 - 3) % period == offset }
    }
    guard types.count == count else {
      throw .option(
        "layers_block_type", found: "a list of \(types.count)",
        expected: "one type for each of the \(count) layers of num_hidden_layers")
    }
    var hybrids: [Bool] = []
    for (index, type) in types.enumerated() {
      switch type {
      case .string("mamba"): hybrids.append(false)
      case .string("hybrid"): hybrids.append(true)
      default:
        throw .option(
          "layers_block_type of layer \(index)", found: type.summary,
          expected: "“mamba” or “hybrid”")
      }
    }
    return hybrids
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba {
    let inner = try values.size("mamba_expand", 2) * hidden
    let heads = try values.size("n_mamba_heads", 2)
    guard inner % heads == 0 else {
      throw .option(
        "n_mamba_heads", found: "\(heads)",
        expected: "a divisor of mamba_expand * hidden_size, \(inner)")
    }
    return Architecture.Mamba(
      innerSize: inner, heads: heads, stateSize: try values.whole("mamba_d_state", 16),
      rank: try values.timeStepRank(hiddenSize: hidden),
      convWidth: try values.whole("mamba_d_conv", 4), biases: try values.mambaBiases(),
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true, innerNorms: false)
  }

  private func sharedBlock(_ hidden: Int) throws(ConversionError) -> Architecture.SharedBlock {
    let width = try values.optionalWhole("attention_hidden_size") ?? 2 * hidden
    guard width == 2 * hidden else {
      throw .option(
        "attention_hidden_size", found: "\(width)",
        expected: "2 * hidden_size, \(2 * hidden): the stream beside the embedding")
    }
    let heads = try values.size("num_attention_heads", 16)
    let headSize = try values.size("attention_head_dim", max(1, 2 * hidden / heads))
    return Architecture.SharedBlock(
      attention: Architecture.Attention(
        heads: heads, keyValueHeads: try values.optionalWhole("num_key_value_heads") ?? heads,
        keyHeadSize: headSize, valueHeadSize: headSize,
        // As if each of the two halves that are read had its own scores.
        scale: 1 / (Double(headSize) / 2).squareRoot(), biases: []),
      feedForward: try feedForward())
  }

  private func feedForward() throws(ConversionError) -> Architecture.FeedForward {
    let size = try values.size("intermediate_size", 14848)
    switch values["hidden_act"] {
    case nil, .null?, .string("gelu")?: return .geGLU(intermediateSize: size)
    case .string("silu")?: return .swiGLU(intermediateSize: size)
    case let other?:
      throw .option("hidden_act", found: other.summary, expected: "“gelu” or “silu”")
    }
  }
}
