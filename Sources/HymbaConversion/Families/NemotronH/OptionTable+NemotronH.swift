import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `NemotronHConfig` in NVIDIA's configuration_nemotron_h.py and in transformers, version 5.
  /// The defaults are those of NVIDIA's class, which are Nemotron-H-8B.
  static let nemotronH = OptionTable(
    attention + mamba + feedForward,
    products: [
      "attention.heads * keyHeadSize": "num_attention_heads * head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * head_dim",
      "mamba.heads * headSize": "mamba_num_heads * mamba_head_dim",
      "mamba.groups * stateSize": "n_groups * ssm_state_size",
      "mamba.heads * headSize + 2 * groups * stateSize":
        "mamba_num_heads * mamba_head_dim + 2 * n_groups * ssm_state_size",
      "mamba.heads * headSize * stateSize": "mamba_num_heads * mamba_head_dim * ssm_state_size",
    ],
    withoutEffect: [
      // The number of heads and their size say the inner size, and use_bias says the biases.
      "expand", "mamba_expand", "mamba_proj_bias",
      // No layer has positions or a window.
      "max_position_embeddings", "partial_rotary_factor", "rope_parameters", "rope_scaling",
      "rope_theta", "sliding_window",
      "norm_eps", "rms_norm_eps", "n_shared_experts", "moe_shared_expert_overlap",
      // Heads that predict further tokens are not computed by the class.
      "mtp_hybrid_override_pattern", "mtp_layers_block_type", "num_nextn_predict_layers",
      // The way in which the original computes.
      "chunk_size", "mamba_chunk_size", "mamba_ssm_cache_dtype", "num_logits_to_keep",
      "output_router_logits", "residual_in_fp32", "use_mamba_kernels",
      "hidden_dropout", "rescale_prenorm_residual", "router_aux_loss_coef",
      // Other names of options about initial values.
      "mamba_dt_init_floor", "mamba_dt_max", "mamba_dt_min",
    ] + mamba2Training,
    extending: .huggingFace(
      modelType: "nemotron_h", classes: "NemotronH", hiddenSize: 4096, layers: 52,
      vocabulary: 131072, norm: "layer_norm_epsilon", epsilon: 1e-5, isTied: false))

  private static let attention: [ConfigurationOption] = [
    .own("hybrid_override_pattern") { $0.nemotronPattern },
    .own("layers_block_type"), .own("layer_types"),
    .size("num_attention_heads", 32, gives: "attention.heads") { $0.attention?.heads },
    .whole("num_key_value_heads", 8, gives: "attention.keyValueHeads") {
      $0.attention?.keyValueHeads
    },
    .whole("head_dim", 128, gives: "attention.keyHeadSize", "attention.valueHeadSize") {
      $0.attention?.keyHeadSize
    }
    .alsoNamed("attention_head_dim"),
    .flag("attention_bias", false) { $0.attention?.biases.contains(.query) },
  ]

  private static let mamba: [ConfigurationOption] = [
    .whole("mamba_num_heads", 128, gives: "mamba.heads") { $0.mamba2?.heads },
    .whole("mamba_head_dim", 64, gives: "mamba.headSize") { $0.mamba2?.headSize },
    .whole("n_groups", 8, gives: "mamba.groups") { $0.mamba2?.groups }.alsoNamed("mamba_n_groups"),
    .whole("ssm_state_size", 128, gives: "mamba.stateSize") { $0.mamba2?.stateSize },
    .whole("conv_kernel", 4, gives: "mamba.convWidth") { $0.mamba2?.convWidth }
      .alsoNamed("mamba_d_conv"),
    .flag("use_conv_bias", true) { $0.mamba2?.biases.contains(.convolution) }
      .alsoNamed("mamba_conv_bias"),
    .flag("use_bias", false) { $0.mamba2?.biases.contains(.input) },
    .own("time_step_limit", gives: "mamba.timeStepLimits") { $0.timeStepLimits }
      .alsoNamed("mamba_dt_limit"),
    .silu("mamba_hidden_act"),
  ]

  private static let feedForward: [ConfigurationOption] = [
    .size("intermediate_size", 21504, gives: "feedForward.intermediateSize") {
      $0.network?.intermediateSize
    },
    .flag("mlp_bias", false) { $0.network?.hasBiases },
    .neutral(
      "mlp_hidden_act", [.string("relu2")], "no model with another function was released"),
    .whole("n_routed_experts", 8, gives: "feedForward.count") { $0.mixture?.count }
      .alsoNamed("num_local_experts"),
    .whole("num_experts_per_tok", 2, gives: "feedForward.perToken") { $0.mixture?.perToken },
    .size("moe_intermediate_size", 7688, gives: "feedForward.expert.intermediateSize") {
      $0.mixture?.expert.intermediateSize
    },
    .size(
      "moe_shared_expert_intermediate_size", 7688, gives: "feedForward.shared.intermediateSize"
    ) { $0.mixture?.shared?.intermediateSize },
    .whole("moe_latent_size", gives: "feedForward.latentSize") { $0.mixture?.latentSize },
    .whole("n_group", 1, gives: "feedForward.router.groups") { $0.mixture?.router.groups },
    .whole("topk_group", 1, gives: "feedForward.router.keptGroups") {
      $0.mixture?.router.keptGroups
    },
    .flag("norm_topk_prob", true) { $0.mixture?.router.normalizes },
    .number("routed_scaling_factor", 1, gives: "feedForward.router.scale") { model in
      model.mixture.map { $0.router.scale ?? 1 }
    },
  ]
}

extension DescribedModel {
  /// The layers, one letter for each; nil where a layer is of no kind that a Nemotron-H has.
  fileprivate var nemotronPattern: String? {
    let letters = architecture.layers.map { NemotronLayer($0)?.rawValue }
    return letters.contains(nil) ? nil : String(letters.compactMap(\.self))
  }
}
