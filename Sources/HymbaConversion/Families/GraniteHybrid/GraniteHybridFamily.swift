import HymbaFormat
import HymbaModel

/// IBM's Granite 4, as in `configuration_granitemoehybrid.py` and `modeling_granitemoehybrid.py` of
/// transformers: the hybrids, and the models of attention alone.
struct GraniteHybridFamily: HuggingFaceFamily {
  let name = "granite-hybrid"
  let modelName = "Granite hybrid"
  let modelTitle = "a Granite hybrid"
  let title = "a config.json of a Granite hybrid"
  var layouts: [[UInt8]] {
    [
      PackageResources.hf_granite_hybrid_json, PackageResources.hf_granite_hybrid_memory_json,
      PackageResources.gguf_granite_hybrid_json,
    ]
  }
  let options = OptionTable.graniteHybrid

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("granitemoehybrid")
      || document["model_type"] == nil && document["shared_intermediate_size"] != nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try GraniteHybridReading(values: values).architecture(hasHead)
  }

  func notes(on values: OptionValues, origin: String) -> [String] {
    let absent = OptionTable.graniteHybridMultipliers.filter { !values.has($0) }
    return absent.isEmpty
      ? []
      : [
        OptionValues.note(
          factors: Families.list(absent, "and"), absentFrom: origin, of: "IBM")
      ]
  }
}

/// Reads the architecture from a `config.json` of a Granite hybrid.
private struct GraniteHybridReading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let attends = try attends()
    // Kinds of layers that a model does not have need no options.
    let attention = attends.contains(true) ? try attention(hidden) : nil
    let mamba = attends.contains(false) ? try mamba(hidden) : nil
    let feedForward = try feedForward()
    let output = try values.output(hasHead: hasHead)
    let ofLogits = try values.factor("logits_scaling")
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm(), metaTokens: .none,
      layers: attends.map {
        Architecture.Layer(
          attends: $0, attention: attention, mamba: mamba, feedForward: feedForward)
      },
      output: output,
      multipliers: Architecture.Multipliers(
        embedding: try values.factor("embedding_multiplier"),
        residual: try values.factor("residual_multiplier"),
        logitsDivisor: output.isLogits ? ofLogits : nil))
  }

  /// For each layer, whether its mixer is attention. Without a list of kinds, all are Mamba-2.
  private func attends() throws(ConversionError) -> [Bool] {
    let count = try values.size("num_hidden_layers")
    return try values.layerKinds(
      ["layer_types", "layers_block_type"], count: count,
      ["mamba": false, "linear_attention": false, "attention": true, "full_attention": true])
      ?? Array(repeating: false, count: count)
  }

  private func attention(_ hidden: Int) throws(ConversionError) -> Architecture.Attention {
    let heads = try values.size("num_attention_heads")
    let headSize = try values.headSize(hiddenSize: hidden, heads: heads)
    return Architecture.Attention(
      heads: heads, keyValueHeads: try values.optionalWhole("num_key_value_heads") ?? heads,
      keyHeadSize: headSize, valueHeadSize: headSize,
      scale: try values.number("attention_multiplier"), biases: try values.attentionBiases(),
      rotary: try isRotary()
        ? Architecture.Attention.Rotary(base: try values.rotaryBase()) : nil)
  }

  private func isRotary() throws(ConversionError) -> Bool {
    switch values["position_embedding_type"] {
    case nil, .null?, .string("nope")?: return false
    case .string("rope")?: return true
    case let other?:
      throw .option("position_embedding_type", found: other.summary, expected: "“rope” or “nope”")
    }
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba2 {
    try values.mamba2(
      innerSize: values.size("mamba_expand") * hidden, from: "mamba_expand * hidden_size",
      gatedNorm: .init(order: .afterGate, epsilon: values.number("rms_norm_eps")))
  }

  /// The network that every token goes through, with the experts beside it where there are some.
  private func feedForward() throws(ConversionError) -> Architecture.FeedForward {
    func network(_ name: String) throws(ConversionError) -> Architecture.Network {
      Architecture.Network(
        intermediateSize: try values.size(name), activation: .silu, isGated: true)
    }
    let shared = try network("shared_intermediate_size")
    let count = try values.whole("num_local_experts")
    guard count != 0 else { return .of(shared) }
    return .of(
      Architecture.Mixture(
        count: count, perToken: try values.whole("num_experts_per_tok"),
        expert: try network("intermediate_size"),
        router: Architecture.Router(scores: .softmax, normalizes: true), shared: shared))
  }
}
