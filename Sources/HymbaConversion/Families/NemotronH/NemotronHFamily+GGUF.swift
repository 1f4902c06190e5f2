import HymbaFormat
import HymbaModel

extension NemotronHFamily: GGUFFamily {
  var ggufArchitectures: [String] { ["nemotron_h", "nemotron_h_moe"] }
  var untold: [UntoldOption] { [.timeStepLimits] }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    var options = try GGUFOptions(model, modelType: "nemotron_h", classes: "NemotronH")
    let pattern = try (0..<model.layerCount()).map { layer throws(ConversionError) in
      try kind(of: layer, in: model)
    }
    options["hybrid_override_pattern"] = String(pattern.map(\.rawValue))
    try requireLengths(pattern, in: model)
    _ = try options.attention()
    try options.flag("attention_bias", ifSome: "attn_q.bias")
    try options.epsilon("layer_norm_epsilon", "attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon")
    if pattern.contains(.mamba) {
      try options.size("mamba_num_heads", "ssm.time_step_rank")
      options["mamba_head_dim"] = try options.headSizeOfMamba2()
      try options.size("n_groups", "ssm.group_count")
      try options.size("ssm_state_size", "ssm.state_size")
      try options.size("conv_kernel", "ssm.conv_kernel")
      try options.flag("use_conv_bias", ifSome: "ssm_conv1d.bias")
      try options.flag("use_bias", ifSome: "ssm_in.bias")
    }
    if pattern.contains(.network) {
      options["intermediate_size"] = try model.rows("ffn_up.weight")
      try options.flag("mlp_bias", ifSome: "ffn_up.bias")
    }
    if pattern.contains(.experts) { try experts(&options) }
    return options
  }

  /// The kind of a layer, which its tensors tell. A key of llama.cpp takes some kinds for others.
  private func kind(of layer: Int, in model: GGUFModel) throws(ConversionError) -> NemotronLayer {
    if model.has("ssm_in.weight", layer: layer) { return .mamba }
    if model.has("attn_q.weight", layer: layer) { return .attention }
    if model.has("ffn_gate_inp.weight", layer: layer) { return .experts }
    if model.has("ffn_up.weight", layer: layer) { return .network }
    throw .ledger(
      LedgerProblems(
        missing: ["ssm_in", "attn_q", "ffn_gate_inp or ffn_up"].map { "blk.\(layer).\($0).weight" }))
  }

  /// Checks the sizes of the feed forwards in the keys against those of the tensors.
  ///
  /// The list of llama.cpp's converter has 0 for the networks of a model that has experts too.
  private func requireLengths(_ kinds: [NemotronLayer], in model: GGUFModel) throws(ConversionError) {
    let property = "feed_forward_length"
    guard let value = model[property] else { return }
    let isList = if case .array = value { true } else { false }
    for (layer, length) in try model.wholePerLayer(property).enumerated() where length > 0 {
      let name =
        switch kinds[layer] {
        case .network: "blk.\(layer).ffn_up.weight"
        case .experts: "blk.\(layer).ffn_up_exps.weight"
        case .mamba, .attention: ""
        }
      let rows = model.tensors[name]?.shape.dimensions.dropLast().last
      // A number for all layers says nothing of those without a feed forward.
      guard name.isEmpty ? isList : rows != nil && rows != length else { continue }
      throw .option(
        model.key(property), found: "\(length) for layer \(layer)",
        expected: rows.map { "\($0), the rows of \(name)" } ?? "0, as the layer has no feed forward")
    }
  }

  private func experts(_ options: inout GGUFOptions) throws(ConversionError) {
    let model = options.model
    try options.size("n_routed_experts", "expert_count")
    try options.size("num_experts_per_tok", "expert_used_count")
    try options.size("moe_intermediate_size", "expert_feed_forward_length")
    try options.size("moe_shared_expert_intermediate_size", "expert_shared_feed_forward_length")
    if model["expert_group_count"] != nil { try options.size("n_group", "expert_group_count") }
    if model["expert_group_used_count"] != nil { try options.size("topk_group", "expert_group_used_count") }
    if model["moe_latent_size"] != nil { try options.size("moe_latent_size", "moe_latent_size") }
    try options.flag("norm_topk_prob", "expert_weights_norm", absent: false)
    try options.number("routed_scaling_factor", "expert_weights_scale", absent: 1)
  }

  var ownProperties: Set<String> {
    [
      "expert_group_count", "expert_group_used_count", "expert_weights_norm", "expert_weights_scale",
      "moe_latent_size",
    ]
  }

  func rules(_ options: GGUFOptions) -> [PropertyRule] {
    .attention + [PropertyRule("expert_gating_func", isApplied: false, [0, 2], "")]
  }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    let mixture = model.mixture
    var properties = GGUFProperties(mixture == nil ? "nemotron_h" : "nemotron_h_moe")
    properties.sizes(model, contextLength: contextLength)
    properties.wholes(
      "feed_forward_length", model.architecture.layers.map { $0.feedForward.intermediateSize ?? 0 })
    properties.heads(model)
    properties.headSizes(model)
    properties.mamba2(model)
    // llama.cpp computes an RMS norm with this key.
    properties.number("attention.layer_norm_epsilon", model.architecture.norm.epsilon)
    properties.whole("rope.dimension_count", model.attention?.keyHeadSize)
    properties.flag("rope.scaling.finetuned", false)
    if let mixture {
      properties.whole("expert_count", mixture.count)
      properties.whole("expert_used_count", mixture.perToken)
      properties.whole("expert_group_count", mixture.router.groups)
      properties.whole("expert_group_used_count", mixture.router.keptGroups)
      properties.whole("expert_feed_forward_length", mixture.expert.intermediateSize)
      properties.whole("expert_shared_feed_forward_length", mixture.shared?.intermediateSize)
      properties.whole("expert_shared_count", mixture.shared == nil ? 0 : 1)
      properties.flag("expert_weights_norm", mixture.router.normalizes)
      properties.number("expert_weights_scale", mixture.router.scale ?? 1)
      properties.whole("moe_latent_size", mixture.latentSize)
    }
    return properties
  }
}
