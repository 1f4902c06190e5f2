import HymbaFormat
import HymbaModel

extension BambaFamily: GGUFFamily {
  var ggufArchitectures: [String] { ["granitehybrid"] }
  var untold: [UntoldOption] { [.timeStepLimits] }

  /// llama.cpp's converter writes a Bamba as a Granite hybrid without any of Granite's factors.
  func recognises(_ model: GGUFModel) -> Bool {
    let factors = ["attention.scale", "embedding_scale", "residual_scale", "logit_scale"]
    return factors.allSatisfy { model[$0] == nil } && (model["expert_count"]?.wholeNumber ?? 0) == 0
  }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    var options = try GGUFOptions(model, modelType: "bamba", classes: "Bamba")
    let attends = try options.attention()
    try options.flag("attention_bias", ifSome: "attn_q.bias")
    options["attn_layer_indices"] = attends.indices.filter { attends[$0] }
    try options.epsilon("rms_norm_eps", "attention.layer_norm_rms_epsilon")
    if attends.contains(true) { try options.rotaryBase() }
    try options.size("intermediate_size", "feed_forward_length")
    try options.flag("mlp_bias", ifSome: "ffn_gate.bias")
    try options.mamba2()
    options["mamba_expand"] = try options.wholeExpansion()
    return options
  }

  func rules(_ options: GGUFOptions) -> [PropertyRule] {
    // The converter writes the size of the head, unless the configuration of the original says what is rotated.
    let sizes = options.values["head_dim"]?.wholeNumber.map { [$0, $0 / 2] } ?? []
    return .attention + .positions(options.model, sizes: sizes) + [
      PropertyRule("rope.scaling.finetuned", "true: a Bamba has rotary positions") { $0 == .bool(true) }
    ]
  }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    var properties = GGUFProperties("granitehybrid")
    properties.sizes(model, contextLength: contextLength)
    properties.whole("feed_forward_length", model.network?.intermediateSize)
    properties.heads(model)
    properties.mamba2(model)
    properties.number("attention.layer_norm_rms_epsilon", model.architecture.norm.epsilon)
    properties.number("rope.freq_base", model.attention?.rotary?.base)
    properties.whole("rope.dimension_count", model.attention?.rotary?.size)
    properties.flag("rope.scaling.finetuned", true)
    return properties
  }
}
