import HymbaFormat

extension ConfigurationKeys {
  /// The options of transformers' `PretrainedConfig`, which every family's class extends, of its versions 4 and 5.
  static let huggingFace = ConfigurationKeys(
    read: [
      "architectures", "model_type", "tie_word_embeddings", "vocab_size", "hidden_size",
      "num_hidden_layers", "rms_norm_eps",
    ],
    neutral: [
      "per_layer_config": Neutral(
        [.object([:]), .array([])], "options that differ by layer are not computed here"),
      "pruned_heads": Neutral(
        [.object([:])], "heads that were taken out after training are not taken out here"),
      "quantization_config": Neutral(
        [], "quantised weights cannot be computed here; convert the original weights"),
    ],
    withoutEffect: [
      // Where the file comes from, and how the original stores and runs the model.
      "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal",
      "_commit_hash", "_experts_implementation", "_name_or_path", "attn_implementation", "auto_map",
      "dtype", "experts_implementation", "name_or_path", "torch_dtype", "transformers_version",
      "chunk_size_feed_forward", "gradient_checkpointing", "output_attentions",
      "output_hidden_states", "return_dict", "tf_legacy_loss", "torchscript", "use_bfloat16",
      "use_cache", "use_return_dict", "low_cpu_mem_usage",
      // Training.
      "attention_dropout", "initializer_range",
      // Models with an encoder.
      "add_cross_attention", "cross_attention_hidden_size", "decoder_start_token_id", "is_decoder",
      "is_encoder_decoder", "tie_encoder_decoder",
      // Tokens, tasks and generation.
      "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "prefix", "tokenizer_class",
      "finetuning_task", "id2label", "label2id", "num_labels", "problem_type",
      "task_specific_params",
      "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample", "early_stopping",
      "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty", "forced_bos_token_id",
      "forced_eos_token_id", "length_penalty", "max_length", "min_length", "no_repeat_ngram_size",
      "num_beam_groups", "num_beams", "num_return_sequences", "output_scores",
      "remove_invalid_values", "repetition_penalty", "return_dict_in_generate", "suppress_tokens",
      "temperature", "top_k", "top_p", "typical_p",
      "assistant_confidence_threshold", "assistant_lookbehind", "encoder_repetition_penalty",
      "epsilon_cutoff", "eta_cutoff", "num_assistant_tokens", "num_assistant_tokens_schedule",
      "target_lookbehind",
    ],
    names: [
      "input.size": "vocab_size", "hiddenSize": "hidden_size", "norm.epsilon": "rms_norm_eps",
      "layers": "num_hidden_layers",
    ])

  /// The options of a Mamba as all families of the first generation have them.
  static let mamba = ConfigurationKeys(
    read: [
      "mamba_conv_bias", "mamba_d_conv", "mamba_d_state", "mamba_dt_rank", "mamba_expand",
      "mamba_proj_bias",
    ],
    // The kernels are another way to the same numbers.
    withoutEffect: ["use_associative_scan", "use_mamba_kernels", "use_mambapy"],
    names: [
      "mamba.innerSize": "mamba_expand * hidden_size", "mamba.stateSize": "mamba_d_state",
      "mamba.rank": "mamba_dt_rank", "mamba.convWidth": "mamba_d_conv",
      "mamba.innerSize * (convWidth + stateSize)":
        "mamba_expand * hidden_size * (mamba_d_conv + mamba_d_state)",
    ]
  ).extending(huggingFace)
}
