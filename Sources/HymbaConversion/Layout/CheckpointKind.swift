import HymbaFormat

/// A kind of checkpoint that is not the weights of a model known here. It is recognised by parts of the names
/// of its tensors.
struct CheckpointKind: Sendable {
  /// Parts of names. A tensor of this kind has at least one of them in its name.
  let marks: [String]
  /// A phrase for the kind, with an article, and with advice where there is some.
  let description: String

  init(marks: [String], _ description: String) {
    self.marks = marks
    self.description = description
  }

  /// An error that says which kind a checkpoint is of, by the names and types of its tensors; nil where it is
  /// of none of these kinds.
  static func recognise(_ tensors: TensorTable) -> ConversionError? {
    if let stranger = first(of: Families.all.flatMap(\.strangers), in: tensors, atLeast: 1) {
      return .otherNetwork(stranger)
    }
    return
      (Quantisation.recognise(tensors)
      ?? first(of: others, in: tensors, atLeast: (tensors.count + 1) / 2)).map { .otherKind($0) }
  }

  /// A phrase for a checkpoint that fits no layout; nil where it is of no known kind. Call it only after all
  /// layouts have failed, as whole models may have these names too.
  static func recognisePart(_ tensors: TensorTable) -> String? {
    first(of: Families.all.flatMap(\.parts) + parts, in: tensors, atLeast: 1)
  }

  /// The description of the first kind whose marks are in the names of at least `count` tensors.
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

  /// Kinds that need marks in the names of at least half of the tensors. A model with only a few such tensors
  /// is a model with tensors too many, which its ledger names.
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
