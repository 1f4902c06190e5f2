import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `Zamba2Config` in transformers, versions 4 and 5, with the names that the first releases
  /// had for them. The defaults are those of the class.
  static let zamba2 = OptionTable(
    attention + mamba,
    products: [
      "attention.heads * keyHeadSize": "num_attention_heads",
      "attention.heads * valueHeadSize": "num_attention_heads",
      "attention.keyHeadSize": "2 * hidden_size / num_attention_heads",
      "attention.valueHeadSize": "2 * hidden_size / num_attention_heads",
      "mamba.headSize": "mamba_expand * hidden_size / n_mamba_heads",
      "mamba.heads * headSize": "mamba_expand * hidden_size",
      "mamba.groups * stateSize": "mamba_ngroups * mamba_d_state",
      "mamba.heads * headSize + 2 * groups * stateSize":
        "mamba_expand * hidden_size + 2 * mamba_ngroups * mamba_d_state",
      "mamba.heads * headSize * stateSize": "mamba_expand * hidden_size * mamba_d_state",
    ],
    withoutEffect: [
      // The class computes these of other options.
      "attention_head_dim", "attention_hidden_size", "head_dim", "hybrid_layer_ids", "kv_channels",
      "num_query_groups",
      // The convolution always has a bias.
      "use_conv_bias",
      "chunk_size", "max_position_embeddings", "num_logits_to_keep", "use_mamba_kernels",
      "use_mem_eff_path",
    ] + mamba2Training,
    extending: .rotary(
      theta: 10000,
      extending: .huggingFace(
        modelType: "zamba2", classes: "Zamba2", hiddenSize: 2560, layers: 54, vocabulary: 32000,
        epsilon: 1e-5, isTied: true)))

  private static let attention: [ConfigurationOption] = [
    .size("num_attention_heads", 32, gives: "attention.heads") { $0.sharedAttention?.heads },
    .whole("num_key_value_heads", gives: "attention.keyValueHeads") {
      $0.sharedAttention?.keyValueHeads
    },
    .size("intermediate_size", gives: "feedForward.intermediateSize") {
      $0.sharedNetwork?.intermediateSize
    }
    .alsoNamed("ffn_hidden_size"),
    .activation("hidden_act", .gelu) { $0.sharedNetwork?.activation },
    .flag("add_bias_linear", false) { $0.mamba2?.biases.contains(.input) },
    .own("layers_block_type") { model in
      model.architecture.layers.map { $0.usesSharedBlock ? "hybrid" : "mamba" }
    },
    .own("layer_types"),
    .size("num_mem_blocks", 1, gives: "count") { $0.architecture.sharedBlock?.count },
    .size("adapter_rank", 128, gives: "adapters.rank") {
      $0.architecture.sharedBlock?.adapters?.rank
    }
    .alsoNamed("lora_rank"),
    .flag("use_shared_attention_adapter", false) {
      $0.architecture.sharedBlock?.adapters?.attention
    }
    .alsoNamed("use_shared_attention_lora"),
    .flag("use_mem_rope", false) { $0.sharedAttention.map { $0.rotary != nil } },
    // It is not written, as the base that is written is the scaled one.
    .flag("use_long_context", false),
    .neutral(
      "use_shared_block_lora", [.bool(true)], "the feed forward of the shared block has adapters"),
    .neutral(
      "gated_linear_unit", [.bool(true)], "the feed forward of the shared block has a gate"),
    .neutral("ft_lora", [.bool(false)], "adapters of a later training are not computed here"),
    .neutral("sliding_window", [], "attention in a window is not computed here for this model"),
  ]

  private static let mamba: [ConfigurationOption] = [
    .size("n_mamba_heads", 8, gives: "mamba.heads") { $0.mamba2?.heads },
    .size("mamba_headdim"),
    .whole("mamba_ngroups", 1, gives: "mamba.groups") { $0.mamba2?.groups },
    .whole("mamba_d_state", 64, gives: "mamba.stateSize") { $0.mamba2?.stateSize }
      .alsoNamed("state_size"),
    .whole("mamba_d_conv", 4, gives: "mamba.convWidth") { $0.mamba2?.convWidth }
      .alsoNamed("conv_dimension"),
    // The original allows fractions.
    .number("mamba_expand", 2) { $0.expansion }.alsoNamed("expansion_factor"),
    .own("time_step_limit", gives: "mamba.timeStepLimits") { $0.timeStepLimits },
  ]
}

extension DescribedModel {
  /// The feed forward of the shared block; nil where no layer uses such a block.
  fileprivate var sharedNetwork: Architecture.Network? {
    architecture.sharedBlock?.feedForward.network
  }
}
