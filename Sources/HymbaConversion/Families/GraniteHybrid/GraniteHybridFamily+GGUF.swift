import HymbaFormat
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
    try options.epsilon("rms_norm_eps", "attention.layer_norm_rms_epsilon")
    if attends.contains(true), case let headSize? = options.values["head_dim"]?.wholeNumber, headSize > 0 {
      try options.number("attention_multiplier", "attention.scale", absent: 1 / Double(headSize).squareRoot())
    }
    try options.number("embedding_multiplier", "embedding_scale", absent: 1)
    try options.number("residual_multiplier", "residual_scale", absent: 1)
    try options.number("logits_scaling", "logit_scale", absent: 1)
    options["position_embedding_type"] = "nope"
    if attends.contains(true) { try positions(&options) }
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

  /// Sets the options of rotary positions, which the model has or has not.
  private func positions(_ options: inout GGUFOptions) throws(ConversionError) {
    // llama.cpp rotates where the key is absent.
    try options.flag("position_embedding_type", "rope.scaling.finetuned", absent: true)
    guard options.values["position_embedding_type"] == .bool(true) else {
      return options["position_embedding_type"] = "nope"
    }
    options["position_embedding_type"] = "rope"
    try options.rotaryBase()
  }

  var ownProperties: Set<String> { ["attention.scale", "embedding_scale", "logit_scale", "residual_scale"] }

  func rules(_ options: GGUFOptions) -> [PropertyRule] {
    let size = options.values["head_dim"]?.wholeNumber
    let rotates = options.values["position_embedding_type"] == .string("rope")
    return .attention + .experts(routers: [1, 3])
      + (rotates ? .positions(options.model, sizes: size.map { [$0] } ?? []) : [])
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
