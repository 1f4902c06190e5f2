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
}
