import HymbaFormat
import HymbaModel

/// NVIDIA's Nemotron-H, Nemotron-Nano-v2 and Nemotron-3, as in `configuration_nemotron_h.py` and
/// `modeling_nemotron_h.py` of the released models, and in version 5 of transformers.
struct NemotronHFamily: HuggingFaceFamily {
  let name = "nemotron-h"
  let modelName = "Nemotron-H"
  let modelTitle = "a Nemotron-H"
  let title = "a config.json of a Nemotron-H"
  var layouts: [[UInt8]] { NemotronHLayouts.all }
  let options = OptionTable.nemotronH

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("nemotron_h")
      || document["model_type"] == nil && document["hybrid_override_pattern"] != nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try NemotronHReading(values: values).architecture(hasHead)
  }
}

/// Reads the architecture from a `config.json` of a Nemotron-H.
struct NemotronHReading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let kinds = try kinds()
    // Kinds that a model does not have need no options.
    let layers = Dictionary(
      uniqueKeysWithValues: try Set(kinds).map { kind in (kind, try layer(kind)) })
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm("layer_norm_epsilon"), metaTokens: .none,
      layers: kinds.compactMap { layers[$0] }, output: try values.output(hasHead: hasHead))
  }

  private func layer(_ kind: NemotronLayer) throws(ConversionError) -> Architecture.Layer {
    switch kind {
    case .mamba: .init(mixer: .mamba(mamba: .mamba2(try mamba())), feedForward: .none)
    case .attention: .init(mixer: .attention(attention: try attention()), feedForward: .none)
    case .network:
      .init(
        mixer: nil,
        feedForward: .of(
          try network("intermediate_size", hasBiases: values.flag("mlp_bias"))))
    case .experts: .init(mixer: nil, feedForward: .of(try mixture()))
    }
  }

  private func attention() throws(ConversionError) -> Architecture.Attention {
    let heads = try values.size("num_attention_heads")
    let headSize = try values.whole("head_dim")
    return Architecture.Attention(
      heads: heads, keyValueHeads: try values.optionalWhole("num_key_value_heads") ?? heads,
      keyHeadSize: headSize, valueHeadSize: headSize, biases: try values.attentionBiases())
  }

  private func mamba() throws(ConversionError) -> Architecture.Mamba2 {
    let hasBiases = try values.flag("use_bias")
    return Architecture.Mamba2(
      heads: try values.whole("mamba_num_heads"), headSize: try values.whole("mamba_head_dim"),
      groups: try values.whole("n_groups"), stateSize: try values.whole("ssm_state_size"),
      convWidth: try values.whole("conv_kernel"),
      biases: Architecture.Mamba2.Projection.biased(
        input: hasBiases, convolution: try values.flag("use_conv_bias"), output: hasBiases),
      gatedNorm: .init(order: .afterGate, epsilon: try values.number("layer_norm_epsilon")),
      timeStepLimits: try values.timeStepLimits())
  }

  private func network(
    _ name: String, hasBiases: Bool = false
  ) throws(ConversionError) -> Architecture.Network {
    Architecture.Network(
      intermediateSize: try values.size(name), activation: .reluSquared, isGated: false,
      hasBiases: hasBiases)
  }

  private func mixture() throws(ConversionError) -> Architecture.Mixture {
    guard try !values.flag("mlp_bias") else {
      throw .option(
        "mlp_bias", found: "true",
        expected: "false: of the two originals only one has biases in its experts")
    }
    return Architecture.Mixture(
      count: try values.whole("n_routed_experts"),
      perToken: try values.whole("num_experts_per_tok"),
      expert: try network("moe_intermediate_size"),
      router: Architecture.Router(
        scores: .sigmoid, normalizes: try values.flag("norm_topk_prob"), hasBias: true,
        groups: try values.whole("n_group"), keptGroups: try values.whole("topk_group"),
        scale: try values.factor("routed_scaling_factor")),
      shared: try network("moe_shared_expert_intermediate_size"),
      latentSize: try values.optionalWhole("moe_latent_size"))
  }
}
