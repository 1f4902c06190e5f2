import HymbaFormat

extension ConfigurationKeys {
  /// `HymbaConfig` of NVIDIA's configuration_hymba.py, and what its modelling code asks for beside.
  static let nvidia = ConfigurationKeys(
    read: [
      "attn_hidden_size", "attn_implementation_new", "global_attn_idx", "intermediate_size",
      "kq_head_dim", "kq_norm", "kv_reuse_every_i_layer", "kv_reuse_group",
      "mamba_inner_layernorms", "max_position_embeddings", "memory_tokens_interspersed_every",
      "mlp_hidden_act", "num_attention_heads", "num_key_value_heads", "num_memory_tokens",
      "orig_max_position_embeddings", "rope", "rope_theta", "rope_type", "sliding_window",
    ],
    neutral: [
      "hidden_act": Neutral(
        [.string("silu"), .string("swish")],
        "the original's convolution knows no other function"),
      "rope_parameters": Neutral([], "the original reads rope_theta and rope_type"),
    ],
    withoutEffect: [
      // The code builds one feed forward and one scan for each layer, whatever these say.
      "kv_weight_reuse", "num_experts", "num_experts_per_tok", "num_mamba",
      "output_router_logits", "router_aux_loss_coef",
      // The code overwrites these.
      "conv_dim", "layer_type", "v_head_dim",
      // For how long sequences a mask is prepared, and for which positions logits are.
      "calc_logits_for_entire_prompt", "seq_length", "rope_scaling",
    ],
    names: [
      "metaTokens.count": "num_memory_tokens", "attention.heads": "num_attention_heads",
      "attention.keyValueHeads": "num_key_value_heads",
      "attention.keyHeadSize": "hidden_size / num_attention_heads",
      "attention.valueHeadSize": "mamba_expand * hidden_size / num_attention_heads",
      "attention.heads * keyHeadSize": "hidden_size",
      "attention.heads * valueHeadSize": "mamba_expand * hidden_size",
      "attention.window": "sliding_window", "attention.keyValueLayer": "kv_reuse_group",
      "attention.rotary.base": "rope_theta",
      "attention.rotary.dynamicFrom": "orig_max_position_embeddings",
      "feedForward.intermediateSize": "intermediate_size",
    ]
  ).extending(mamba)
}
