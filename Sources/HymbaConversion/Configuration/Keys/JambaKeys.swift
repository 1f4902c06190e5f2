extension ConfigurationKeys {
  /// `JambaConfig` of transformers, versions 4 and 5, and the released files.
  static let jamba = ConfigurationKeys(
    read: [
      "attn_layer_offset", "attn_layer_period", "expert_layer_offset", "expert_layer_period",
      "head_dim", "hidden_act", "intermediate_size", "layer_types", "layers_block_type",
      "layers_num_experts", "mamba_inner_layernorms", "num_attention_heads", "num_experts",
      "num_experts_per_tok", "num_key_value_heads", "num_local_experts",
    ],
    withoutEffect: [
      "calc_logits_for_entire_prompt", "max_position_embeddings", "n_ctx", "num_logits_to_keep",
      "output_router_logits", "router_aux_loss_coef",
      // The original has it, but its eager and its default attention see everything.
      "sliding_window",
      // The class that all extend reads them, and no layer here rotates anything.
      "rope_parameters", "rope_scaling", "rope_theta",
    ],
    names: [
      "attention.heads": "num_attention_heads", "attention.keyValueHeads": "num_key_value_heads",
      "attention.keyHeadSize": "head_dim", "attention.valueHeadSize": "head_dim",
      "attention.heads * keyHeadSize": "num_attention_heads * head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * head_dim",
      "feedForward.count": "num_experts", "feedForward.perToken": "num_experts_per_tok",
      "feedForward.intermediateSize": "intermediate_size",
    ]
  ).extending(mamba)
}
