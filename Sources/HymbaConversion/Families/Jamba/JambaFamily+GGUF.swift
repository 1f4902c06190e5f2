import HymbaModel

extension JambaFamily: GGUFFamily {
  var ggufArchitectures: [String] { ["jamba"] }
  var untold: [UntoldOption] { [] }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    var options = try GGUFOptions(model, modelType: "jamba", classes: "Jamba")
    let attends = try options.attention()
    try options.epsilon("rms_norm_eps", "attention.layer_norm_rms_epsilon")
    try options.size("intermediate_size", "feed_forward_length")
    options["mamba_expand"] = try options.wholeExpansion()
    try options.size("mamba_d_conv", "ssm.conv_kernel")
    try options.size("mamba_d_state", "ssm.state_size")
    try options.size("mamba_dt_rank", "ssm.time_step_rank")
    try options.flag("mamba_conv_bias", ifSome: "ssm_conv1d.bias")
    try options.flag("mamba_proj_bias", ifSome: "ssm_in.bias")
    // The class computes the kinds of the layers from a period and an offset. A list stands for other kinds.
    if let (period, offset) = DescribedModel.selection(attends) {
      options["attn_layer_period"] = period
      options["attn_layer_offset"] = offset
    } else {
      options["layers_block_type"] = attends.map { $0 ? "attention" : "mamba" }
    }
    let experts = try model.optionalWhole("expert_count") ?? 0
    options["num_experts"] = max(1, experts)
    if experts > 1 { try options.size("num_experts_per_tok", "expert_used_count") }
    let hasExperts = attends.indices.map { model.has("ffn_gate_inp.weight", layer: $0) }
    guard let (period, offset) = DescribedModel.selection(hasExperts) else {
      throw .unsupported("its layers with experts are no regular series, which Jamba's have to be")
    }
    options["expert_layer_period"] = period
    options["expert_layer_offset"] = offset
    return options
  }

  func rules(_ options: GGUFOptions) -> [PropertyRule] { .attention + .experts(routers: [1]) }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    var properties = GGUFProperties("jamba")
    properties.sizes(model, contextLength: contextLength)
    properties.whole(
      "feed_forward_length", model.architecture.layers.first?.feedForward.intermediateSize)
    properties.heads(model)
    properties.mamba(model)
    properties.number("attention.layer_norm_rms_epsilon", model.architecture.norm.epsilon)
    properties.whole("expert_count", model.experts?.count ?? 1)
    properties.whole("expert_used_count", model.experts?.perToken ?? 1)
    return properties
  }
}
