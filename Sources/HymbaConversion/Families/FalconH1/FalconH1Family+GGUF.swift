import HymbaModel

extension FalconH1Family: GGUFFamily {
  var ggufArchitectures: [String] { ["falcon-h1"] }

  /// The multipliers are in the weights of a GGUF file.
  var untold: [UntoldOption] {
    [
      .timeStepLimits,
      UntoldOption(name: "mamba_norm_before_gate", assumption: "a norm after the gate, where there is one,"),
    ]
      + OptionTable.falconH1Multipliers.map {
        UntoldOption(name: $0, assumption: "what the weights of the file hold already")
      }
  }

  var factorOptions: [String: String] {
    [
      "embedding": "embedding_multiplier", "logits": "lm_head_multiplier",
      "attention_input": "attention_in_multiplier", "attention_key": "key_multiplier",
      "attention_output": "attention_out_multiplier", "mamba_input": "ssm_in_multiplier",
      "mamba_z": "ssm_multipliers", "mamba_x": "ssm_multipliers", "mamba_B": "ssm_multipliers",
      "mamba_C": "ssm_multipliers", "mamba_time_step": "ssm_multipliers",
      "mamba_output": "ssm_out_multiplier", "gate": "first of mlp_multipliers",
      "down": "second of mlp_multipliers",
    ]
  }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    var options = try GGUFOptions(model, modelType: "falcon_h1", classes: "FalconH1")
    _ = try options.attention()
    try options.flag("attention_bias", ifSome: "attn_q.bias")
    try options.epsilon("rms_norm_eps", "attention.layer_norm_rms_epsilon")
    try options.rotaryBase()
    try options.size("intermediate_size", "feed_forward_length")
    try options.flag("mlp_bias", ifSome: "ffn_gate.bias")
    try options.mamba2()
    try options.size("mamba_d_ssm", "ssm.inner_size")
    try options.flag("projectors_bias", ifSome: "ssm_out.bias")
    try options.flag("mamba_rms_norm", ifSome: "ssm_norm.weight")
    options["mamba_norm_before_gate"] = false
    // A configuration without any multiplier would be taken for one that left them out.
    options["embedding_multiplier"] = 1.0
    return options
  }

  func rules(_ options: GGUFOptions) -> [PropertyRule] {
    let size = options.values["head_dim"]?.wholeNumber
    return .attention + .positions(options.model, sizes: size.map { [$0] } ?? [])
  }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    var properties = GGUFProperties("falcon-h1")
    properties.sizes(model, contextLength: contextLength)
    properties.whole("feed_forward_length", model.network?.intermediateSize)
    properties.heads(model, perLayer: false)
    properties.headSizes(model)
    properties.mamba2(model)
    properties.number("attention.layer_norm_rms_epsilon", model.architecture.norm.epsilon)
    properties.number("rope.freq_base", model.attention?.rotary?.base)
    return properties
  }
}
