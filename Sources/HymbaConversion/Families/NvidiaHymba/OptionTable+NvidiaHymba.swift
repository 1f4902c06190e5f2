import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `HymbaConfig` in NVIDIA's configuration_hymba.py, and further options that its modelling
  /// code reads. A configuration that is made here has the options of the released files.
  static let nvidiaHymba = OptionTable(
    attention + others,
    products: [
      "attention.keyHeadSize": "hidden_size / num_attention_heads",
      "attention.valueHeadSize": "mamba_expand * hidden_size / num_attention_heads",
      "attention.heads * keyHeadSize": "hidden_size",
      "attention.heads * valueHeadSize": "mamba_expand * hidden_size",
    ],
    withoutEffect: [
      // The code of the original builds one feed forward and one scan for each layer, whatever these say.
      "kv_weight_reuse", "num_experts", "num_experts_per_tok", "output_router_logits",
      "router_aux_loss_coef",
      // calc_logits_for_entire_prompt chooses the positions that get logits.
      "calc_logits_for_entire_prompt", "rope_scaling",
    ],
    extending: .mamba(
      extending: .huggingFace(
        modelType: "hymba", classes: "Hymba", hiddenSize: 4096, layers: 32, vocabulary: 65536,
        epsilon: 1e-6, isTied: false)))

  private static let attention: [ConfigurationOption] = [
    .size("num_attention_heads", 32, gives: "attention.heads") { $0.attention?.heads },
    .whole("num_key_value_heads", 8, gives: "attention.keyValueHeads") {
      $0.attention?.keyValueHeads
    },
    // The original derives these two sizes where they are not positive.
    .whole("attn_hidden_size", -1) { _ in -1 },
    .whole("kq_head_dim", -1) { _ in -1 },
    .own("kq_norm") { model in
      switch model.attention?.queryKeyNorm {
      case nil: "none"
      case .shared?: "rms"
      case .perHead?: "perhead-rms"
      }
    },
    .whole("sliding_window", gives: "attention.window") { $0.window.map(JSONValue.integer) ?? .null },
    // The original reads this list wherever there is a window, so it is never written as null.
    .own("global_attn_idx") { $0.layersWithoutWindow },
    .own("kv_reuse_group", gives: "attention.keyValueLayer") { $0.keyValueGroups },
    .whole("kv_reuse_every_i_layer", -1),
    .flag("rope", false) { $0.attention?.rotary != nil },
    .own("rope_type") { $0.attention?.rotary?.dynamicFrom == nil ? "default" : "dynamic_ntk" },
    .number("rope_theta", 10000, gives: "attention.rotary.base") { $0.attention?.rotary?.base },
    .whole("orig_max_position_embeddings", gives: "attention.rotary.dynamicFrom") { model in
      model.attention?.rotary?.dynamicFrom.map(JSONValue.integer) ?? .null
    },
    .whole("max_position_embeddings", 262144),
    // Flex attention needs meta tokens, and SDPA cannot mask them.
    .own("attn_implementation_new") {
      $0.architecture.metaTokens.prependedCount > 0 ? "flex" : "sdpa"
    },
    .neutral("rope_parameters", [], "the original reads rope_theta and rope_type"),
  ]

  private static let others: [ConfigurationOption] = [
    .whole("num_memory_tokens", 0, gives: "metaTokens.count") {
      $0.architecture.metaTokens.prependedCount
    },
    .whole("memory_tokens_interspersed_every", 0),
    .whole("intermediate_size", 14336, gives: "feedForward.intermediateSize") {
      $0.architecture.layers.first?.feedForward.intermediateSize ?? 0
    },
    .own("mlp_hidden_act") { model in
      if case .reluSquared? = model.architecture.layers.first?.feedForward { "relu2" } else { "silu" }
    },
    // The original allows fractions.
    .number("mamba_expand", 2) { $0.expansion },
    .flag("mamba_inner_layernorms", true) { $0.mamba.map { $0.innerNorms == .weighted } },
    .neutral(
      "hidden_act", [.string("silu"), .string("swish")],
      "the original's convolution knows no other function"),
    // The code of the original overwrites the first three. It builds one scan for each layer, whatever
    // num_mamba says.
    .withoutEffect("v_head_dim") { $0.attention?.valueHeadSize },
    .withoutEffect("conv_dim") { $0.convolutionSizes },
    .withoutEffect("layer_type") { $0.architecture.layers.map { _ in "h" } },
    .withoutEffect("num_mamba") { _ in 1 },
    // The number of tokens for which flex attention prepares its mask. It makes another for longer inputs.
    .withoutEffect("seq_length") { _ in 8192 },
  ]
}
