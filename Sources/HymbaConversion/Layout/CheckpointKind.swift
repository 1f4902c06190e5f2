import HymbaFormat

/// Checkpoints that hold something else than the weights of a model.
enum CheckpointKind {
  /// The kind by names and types that no model's own weights have; nil for nothing in particular.
  static func recognise(_ tensors: TensorTable) -> String? {
    kind(of: networks, in: tensors, atLeast: 1) ?? Quantisation.recognise(tensors)
      ?? kind(of: others, in: tensors, atLeast: (tensors.count + 1) / 2)
  }

  /// The kind of what no layout knows, by names that whole models have too.
  static func recognisePart(_ tensors: TensorTable) -> String? {
    kind(of: parts, in: tensors, atLeast: 1)
  }

  private typealias Kind = (marks: [String], description: String)

  /// The first kind of which so many tensors have a mark in their names.
  private static func kind(
    of kinds: [Kind], in tensors: TensorTable, atLeast count: Int
  ) -> String? {
    kinds.first { kind in
      let marked = tensors.lazy.filter { tensor in kind.marks.contains { tensor.name.utf8Contains($0) } }
      return marked.prefix(count).count == count && count > 0
    }?.description
  }

  private static let networks: [Kind] = [
    (
      ["shared_attention_pre_norm.", "shared_attention_ffn1."],
      "a checkpoint of Edifice's own Zamba, a different, simplified network than Zamba, as its Mamba block is neither selective nor causal: only --layout verbatim can keep it"
    ),
    (
      ["layer_1_mamba_in_proj.", "layer_1_backbone_", "layer_1_attn_ffn1."],
      "a checkpoint of Edifice's own Hybrid, a different, simplified network than Jamba, as its Mamba block is neither selective nor causal: only --layout verbatim can keep it"
    ),
  ]

  /// What a file is most of whose tensors have such names: a model of which one tensor is called like this is a
  /// model with a tensor too many, which its ledger names.
  private static let others: [Kind] = [
    (
      ["lora_A", "lora_B", "lora_embedding_A"],
      "a LoRA adapter, not a model: merge it into its base model first"
    ),
    (
      ["ia3_l", "prompt_embeddings", "prefix_encoder"],
      "an adapter of another kind than LoRA, not a model: merge it into its base model first"
    ),
    (
      ["exp_avg", "optimizer.state", "momentum_buffer"],
      "an optimizer state, not a model: convert the weights that were saved beside it"
    ),
  ]

  private static let parts: [Kind] = [
    (
      ["mamba.x_proj.0.", "x_proj.0.weight"],
      "a single block as NVIDIA's barebones_hymba builds it, or a part of a Hymba: a whole model has model.embed_tokens.weight too"
    ),
    (
      ["_flat_param"],
      "a checkpoint of parameters that FSDP laid end to end (“_flat_param”): save it again with StateDictType.FULL_STATE_DICT"
    ),
    (
      [".parametrizations."],
      "a checkpoint of a model with parametrised weights (“parametrizations” within its names): call torch.nn.utils.parametrize.remove_parametrizations before it is saved"
    ),
  ]
}
