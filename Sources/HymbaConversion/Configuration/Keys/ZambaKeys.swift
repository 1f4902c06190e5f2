extension ConfigurationKeys {
  /// `ZambaConfig` of transformers, versions 4 and 5: Zamba of the first version.
  static let zamba = ConfigurationKeys(
    read: [
      "attention_head_dim", "attention_hidden_size", "attn_layer_offset", "attn_layer_period",
      "head_dim", "hidden_act", "hidden_mamba_act", "intermediate_size", "layer_types", "layers_block_type",
      "n_mamba_heads", "num_attention_heads", "num_key_value_heads",
    ],
    withoutEffect: [
      "max_position_embeddings", "num_logits_to_keep",
      // They bound what a new bias of the time step begins with.
      "time_step_floor", "time_step_max", "time_step_min",
      // The class that all extend reads them, and no layer here rotates anything.
      "rope_parameters", "rope_scaling", "rope_theta",
    ],
    names: [
      "attention.heads": "num_attention_heads", "attention.keyValueHeads": "num_key_value_heads",
      "attention.keyHeadSize": "attention_head_dim",
      "attention.valueHeadSize": "attention_head_dim",
      "attention.heads * keyHeadSize": "num_attention_heads * attention_head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * attention_head_dim",
      "mamba.heads": "n_mamba_heads", "feedForward.intermediateSize": "intermediate_size",
    ]
  ).extending(mamba)
}
