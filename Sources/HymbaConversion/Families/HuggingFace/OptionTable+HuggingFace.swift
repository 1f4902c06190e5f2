import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `PretrainedConfig` in transformers, versions 4 and 5. The configuration class of every
  /// family extends it.
  ///
  /// - Parameters:
  ///   - modelType: The value of `model_type`.
  ///   - prefix: The beginning of the names of the model classes: `Jamba` in `JambaForCausalLM`.
  ///   - hiddenSize: The default of `hidden_size` in the family's class. The parameters after it are defaults
  ///     too: of `num_hidden_layers`, `vocab_size`, the option `norm` and `tie_word_embeddings`.
  ///   - norm: The name of the option with the epsilon of the norms.
  static func huggingFace(
    modelType: String, classes prefix: String, hiddenSize: Int, layers: Int, vocabulary: Int,
    norm: String = "rms_norm_eps", epsilon: Double, isTied: Bool
  ) -> OptionTable {
    OptionTable(
      [
        .own("model_type") { _ in modelType },
        .own("architectures") { model in
          [prefix + (model.architecture.output == .hiddenStates ? "Model" : "ForCausalLM")]
        },
        .whole("vocab_size", vocabulary, gives: "input.size") { model in
          if case .tokens(let size) = model.architecture.input { size } else { nil }
        },
        .size("hidden_size", hiddenSize, gives: "hiddenSize") { $0.architecture.hiddenSize },
        .size(
          "num_hidden_layers", layers, atMost: Architecture.largestLayerCount, gives: "layers"
        ) { $0.architecture.layers.count },
        .number(norm, epsilon, gives: "norm.epsilon") { $0.architecture.norm.epsilon },
        .flag("tie_word_embeddings", isTied) { $0.architecture.output == .tiedLogits },
        .withoutEffect("torch_dtype") { $0.type?.torchName },
        .withoutEffect("dtype"),
        .neutral(
          "per_layer_config", [.object([:]), .array([])],
          "options that differ by layer are not computed here"),
        .neutral(
          "pruned_heads", [.object([:])],
          "heads that were taken out after training are not taken out here"),
        .neutral(
          "quantization_config", [],
          "quantised weights cannot be computed here; convert the original weights"),
      ],
      withoutEffect: [
        // Options about the origin of the file, and about how the original stores and runs the model.
        "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal",
        "_commit_hash", "_experts_implementation", "_name_or_path", "attn_implementation", "auto_map",
        "experts_implementation", "name_or_path", "transformers_version",
        "chunk_size_feed_forward", "gradient_checkpointing", "output_attentions",
        "output_hidden_states", "return_dict", "tf_legacy_loss", "torchscript", "use_bfloat16",
        "use_cache", "use_return_dict", "low_cpu_mem_usage",
        // Options of training.
        "attention_dropout", "initializer_range",
        // Options of models with an encoder.
        "add_cross_attention", "cross_attention_hidden_size", "decoder_start_token_id", "is_decoder",
        "is_encoder_decoder", "tie_encoder_decoder",
        // Options of tokens, tasks and generation.
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
      ])
  }
}
