import HymbaFormat
import HymbaModel

/// AI21's `config.json` of a Jamba, read with the defaults of its configuration class
/// (`configuration_jamba.py` of transformers), which are those of Jamba-v0.1.
///
/// `sliding_window` is not read: the original has it, but its attention sees everything.
struct JambaConfiguration: Hashable, Sendable {
  private let values: ConfigurationValues

  static func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("jamba")
      || document["model_type"] == nil && document["expert_layer_period"] != nil
  }

  init(_ document: JSONValue) { self.values = ConfigurationValues(document) }

  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that the original cannot use, or
  ///   that would be another model than is computed here; ``ModelError`` for sizes that do not fit together.
  func architecture() throws -> Architecture {
    try values.require("hidden_act", only: "silu")
    let hidden = try values.size("hidden_size", 4096)
    let layerCount = try values.size(
      "num_hidden_layers", 32, atMost: Architecture.largestLayerCount)
    let attention = try attention(hidden)
    let mamba = try mamba(hidden)
    let size = try values.size("intermediate_size", 14336)
    let experts = try values.size("num_experts", 16)
    let chosen = try values.size("num_experts_per_tok", 2)
    let isAttention = try selection("attn_layer", period: 8, offset: 4)
    let hasExperts = try selection("expert_layer", period: 2, offset: 1)
    let architecture = Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size", 65536)), hiddenSize: hidden,
      norm: .init(kind: .rmsNorm, epsilon: try values.number("rms_norm_eps", 1e-6)),
      metaTokens: .none,
      layers: (0..<layerCount).map { index in
        Architecture.Layer(
          mixer: isAttention(index) ? .attention(attention: attention) : .mamba(mamba: mamba),
          feedForward: experts > 1 && hasExperts(index)
            ? .experts(count: experts, perToken: chosen, intermediateSize: size)
            : .swiGLU(intermediateSize: size))
      },
      output: try values.flag("tie_word_embeddings", false) ? .tiedLogits : .logits)
    try architecture.validate()
    return architecture
  }

  private func attention(_ hidden: Int) throws(ConversionError) -> Architecture.Attention {
    let heads = try values.size("num_attention_heads", 32)
    guard hidden % heads == 0 else {
      throw .option(
        "num_attention_heads", found: "\(heads)", expected: "a divisor of hidden_size, \(hidden)")
    }
    return Architecture.Attention(
      heads: heads,
      keyValueHeads: try values.optionalWhole("num_key_value_heads", absent: 8) ?? heads,
      keyHeadSize: hidden / heads, valueHeadSize: hidden / heads, biases: [])
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba {
    Architecture.Mamba(
      innerSize: try values.size("mamba_expand", 2) * hidden,
      stateSize: try values.whole("mamba_d_state", 16),
      rank: try values.timeStepRank(hiddenSize: hidden),
      convWidth: try values.whole("mamba_d_conv", 4), biases: try values.mambaBiases(),
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true, innerNorms: true)
  }

  /// Which layers `NAME_period` and `NAME_offset` choose.
  private func selection(
    _ name: String, period: Int, offset: Int
  ) throws(ConversionError) -> (Int) -> Bool {
    let period = try values.size("\(name)_period", period)
    let offset = try values.whole("\(name)_offset", offset)
    guard (0..<period).contains(offset) else {
      throw .option(
        "\(name)_offset", found: "\(offset)",
        expected: "a whole number below \(name)_period, \(period)")
    }
    return { $0 % period == offset }
  }
}
