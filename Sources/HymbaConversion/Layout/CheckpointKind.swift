import HymbaFormat

/// A kind of checkpoint that holds something else than the weights of a model that is known here, by names that no
/// model's own weights have.
struct CheckpointKind: Sendable {
  /// Parts of names, one of which a tensor of this kind has.
  let marks: [String]
  /// What it is, with an article, and what to do where that helps.
  let description: String

  init(marks: [String], _ description: String) {
    self.marks = marks
    self.description = description
  }

  /// The error that says which kind a checkpoint is of, by its tensors' names and types; nil for nothing in
  /// particular.
  static func recognise(_ tensors: TensorTable) -> ConversionError? {
    if let stranger = first(of: Families.all.flatMap(\.strangers), in: tensors, atLeast: 1) {
      return .otherNetwork(stranger)
    }
    return
      (Quantisation.recognise(tensors)
      ?? first(of: others, in: tensors, atLeast: (tensors.count + 1) / 2)).map { .otherKind($0) }
  }

  /// The kind of what no layout knows, by names that whole models have too.
  static func recognisePart(_ tensors: TensorTable) -> String? {
    first(of: Families.all.flatMap(\.parts) + parts, in: tensors, atLeast: 1)
  }

  /// The first kind of which so many tensors have a mark in their names.
  private static func first(
    of kinds: [CheckpointKind], in tensors: TensorTable, atLeast count: Int
  ) -> String? {
    kinds.first { kind in
      let marked = tensors.lazy.filter { tensor in
        kind.marks.contains { tensor.name.utf8Contains($0) }
      }
      return marked.prefix(count).count == count && count > 0
    }?.description
  }

  /// What a file is most of whose tensors have such names: a model of which one tensor is called like this is a
  /// model with a tensor too many, which its ledger names.
  private static let others = [
    CheckpointKind(
      marks: ["lora_A", "lora_B", "lora_embedding_A"],
      "a LoRA adapter, not a model: merge it into its base model first"),
    CheckpointKind(
      marks: ["ia3_l", "prompt_embeddings", "prefix_encoder"],
      "an adapter of another kind than LoRA, not a model: merge it into its base model first"),
    CheckpointKind(
      marks: ["exp_avg", "optimizer.state", "momentum_buffer"],
      "an optimizer state, not a model: convert the weights that were saved beside it"),
  ]

  private static let parts = [
    CheckpointKind(
      marks: ["_flat_param"],
      "a checkpoint of parameters that FSDP laid end to end (“_flat_param”): save it again with StateDictType.FULL_STATE_DICT"
    ),
    CheckpointKind(
      marks: [".parametrizations."],
      "a checkpoint of a model with parametrised weights (“parametrizations” within its names): call torch.nn.utils.parametrize.remove_parametrizations before it is saved"
    ),
  ]
}
