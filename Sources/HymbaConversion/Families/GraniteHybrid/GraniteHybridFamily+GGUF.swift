import HymbaModel

extension GraniteHybridFamily: GGUFFamily {
  var ggufArchitectures: [String] { ["granitehybrid"] }

  var untold: [UntoldOption] {
    [
      .timeStepLimits,
      UntoldOption(
        name: "position_embedding_type", assumption: "what rope.scaling.finetuned says, which the converter loses,"),
    ]
  }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    var options = try GGUFOptions(model, modelType: "granitemoehybrid", classes: "GraniteMoeHybrid")
    let attends = try options.attention()
    try options.flag("attention_bias", ifSome: "attn_q.bias")
    options["layer_types"] = attends.map { $0 ? "attention" : "mamba" }
    try options.number("rms_norm_eps", "attention.layer_norm_rms_epsilon")
    if case let headSize? = options.values["head_dim"]?.wholeNumber, headSize > 0 {
      options["attention_multiplier"] = 1 / Double(headSize).squareRoot()
    }
    try options.number("attention_multiplier", "attention.scale")
    try options.number("embedding_multiplier", "embedding_scale")
    try options.number("residual_multiplier", "residual_scale")
    try options.number("logits_scaling", "logit_scale")
    options["position_embedding_type"] = try model.flag("rope.scaling.finetuned") ?? false ? "rope" : "nope"
    options["rope_theta"] = 10000.0
    try options.number("rope_theta", "rope.freq_base")
    let experts = try model.optionalWhole("expert_count") ?? 0
    options["num_local_experts"] = experts
    if experts > 0 {
      try options.size("num_experts_per_tok", "expert_used_count")
      try options.size("intermediate_size", "feed_forward_length")
    }
    // The key of the converter is that of the experts, where there are some.
    options["shared_intermediate_size"] = try model.rows(
      experts > 0 ? "ffn_gate_shexp.weight" : "ffn_gate.weight")
    try options.mamba2()
    options["mamba_expand"] = try options.wholeExpansion()
    return options
  }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    let factors = model.architecture.multipliers
    var properties = GGUFProperties("granitehybrid")
    properties.sizes(model, contextLength: contextLength)
    properties.whole(
      "feed_forward_length", model.mixture?.expert.intermediateSize ?? model.network?.intermediateSize)
    properties.heads(model)
    properties.mamba2(model)
    properties.number("attention.layer_norm_rms_epsilon", model.architecture.norm.epsilon)
    properties.number("attention.scale", model.attention.map { $0.scale ?? 1 / Double($0.keyHeadSize).squareRoot() })
    // One of the factors at least tells a Granite from a Bamba, so that all are written.
    properties.number("embedding_scale", factors.embedding ?? 1)
    properties.number("residual_scale", factors.residual ?? 1)
    properties.number("logit_scale", factors.logitsDivisor ?? 1)
    properties.number("rope.freq_base", model.attention?.rotary?.base)
    properties.whole("rope.dimension_count", model.attention?.keyHeadSize)
    properties.flag("rope.scaling.finetuned", model.attention?.rotary != nil)
    if let mixture = model.mixture {
      properties.whole("expert_count", mixture.count)
      properties.whole("expert_used_count", mixture.perToken)
      properties.whole("expert_shared_feed_forward_length", mixture.shared?.intermediateSize)
    }
    return properties
  }
}
