import HymbaFormat

/// Which layout a checkpoint has, and why that one.
public struct LayoutMatch: Sendable {
  public let layout: Layout
  /// How the checkpoint's names differ from the layout's.
  public let variant: NameVariant
  public let reason: String
}

enum LayoutDetection {
  /// The first of `layouts` whose signature names are all there, under one prefix.
  /// - Throws: ``ConversionError/otherKind(_:)`` for a checkpoint of a kind that is no model's weights,
  ///   ``ConversionError/unrecognised(tensorCount:nearest:)`` with the nearest layouts.
  static func detect(
    _ tensors: TensorTable, among layouts: [Layout]
  ) throws(ConversionError) -> LayoutMatch {
    // First, because quantised weights lie beside enough of the original names to look like a layout.
    if let kind = CheckpointKind.recognise(tensors) { throw .otherKind(kind) }
    for layout in layouts {
      if let match = match(tensors, layout) { return match }
    }
    if let kind = CheckpointKind.recognisePart(tensors) { throw .otherKind(kind) }
    throw .unrecognised(
      tensorCount: tensors.count, nearest: layouts.compactMap { nearness(tensors, $0) })
  }

  /// The match of the one layout that the user names.
  /// - Throws: ``ConversionError/layoutUnfit(_:absent:)``.
  static func require(
    _ layout: Layout, in tensors: TensorTable
  ) throws(ConversionError) -> LayoutMatch {
    if let match = match(tensors, layout) { return match }
    throw .layoutUnfit(layout.name, absent: absent(from: tensors, layout))
  }

  static func match(_ tensors: TensorTable, _ layout: Layout) -> LayoutMatch? {
    for omitted in ["", layout.optionalPrefix ?? ""] {
      guard let (variant, names) = variant(of: tensors, layout, omitted: omitted) else { continue }
      let differs = variant.text.map { " \($0.printable)" } ?? ""
      return LayoutMatch(
        layout: layout, variant: variant,
        reason: "it has \(names.map(\.printable).joined(separator: ", "))\(differs)")
    }
    return nil
  }

  /// How the names differ, and which of the layout's names were found.
  private static func variant(
    of tensors: TensorTable, _ layout: Layout, omitted: String
  ) -> (NameVariant, names: [String])? {
    let plain = NameVariant(omitted: omitted)
    guard let first = layout.signature.first?.names.first.map(plain.external) else { return nil }
    // The shortest prefix: a nested copy of the same names does not hide the outer one.
    let prefixes = tensors.map(\.name).filter { $0 == first || $0.hasSuffix("." + first) }
      .map { String($0.dropLast(first.count)) }.filter(NameVariant.canRemember)
      .sorted { $0.utf8.count < $1.utf8.count }
    for prefix in prefixes.prefix(Limits.nestedModels) {
      let variant = NameVariant(prefix: prefix, omitted: omitted)
      let names = layout.signature.compactMap { find($0, variant, tensors) }
      let isUnlike = (layout.unlike ?? []).contains { find($0, variant, tensors) != nil }
      if names.count == layout.signature.count, !isUnlike { return (variant, names) }
    }
    return nil
  }

  private static func find(
    _ mark: Layout.Mark, _ variant: NameVariant, _ tensors: TensorTable
  ) -> String? {
    mark.names.lazy.compactMap { find($0, variant, tensors) }.first
  }

  /// What of the signature is not there under the layout's own names.
  private static func absent(from tensors: TensorTable, _ layout: Layout) -> [String] {
    layout.signature.filter { find($0, NameVariant(), tensors) == nil }.map(\.text)
  }

  /// The layout's name of the tensor that a name of its signature stands for; with `{layer}`, of the first
  /// such tensor.
  private static func find(
    _ name: String, _ variant: NameVariant, _ tensors: TensorTable
  ) -> String? {
    guard name.contains("{") else { return tensors[variant.external(name)].map { _ in name } }
    guard let own = try? NamePattern(name),
      let pattern = try? NamePattern(variant.external(name))
    else { return nil }
    return tensors.lazy.compactMap { pattern.match($0.name) }.first.flatMap { own.expanded($0) }
  }

  /// How near a layout comes: nil when nothing of it is there.
  private static func nearness(_ tensors: TensorTable, _ layout: Layout) -> String? {
    let patterns = layout.rules.flatMap(\.from).compactMap { try? NamePattern($0) }
      .filter { !$0.standsForAnyName }
    let fitting = tensors.filter { tensor in patterns.contains { $0.match(tensor.name) != nil } }
    let absent = absent(from: tensors, layout)
    guard fitting.count > 0 || absent.count < layout.signature.count else { return nil }
    let stranger = tensors.first { tensor in patterns.allSatisfy { $0.match(tensor.name) == nil } }
    return "\(layout.name): \(fitting.count) of \(tensors.count) tensors fit"
      + (absent.isEmpty ? "" : ", \(absent[0]) is missing")
      + (stranger.map { ", \($0.name.printable) does not fit" } ?? "")
  }
}

/// Checkpoints that hold something else than the weights of a model.
enum CheckpointKind {
  private typealias Kind = (marks: [String], description: String)

  /// The kind by names that no model's own weights have; nil for nothing in particular.
  static func recognise(_ tensors: TensorTable) -> String? { first(of: kinds, in: tensors) }

  /// The kind of what no layout knows, by names that whole models have too.
  static func recognisePart(_ tensors: TensorTable) -> String? { first(of: partKinds, in: tensors) }

  private static func first(of kinds: [Kind], in tensors: TensorTable) -> String? {
    for kind in kinds {
      if tensors.contains(where: { tensor in kind.marks.contains { tensor.name.contains($0) } }) {
        return kind.description
      }
    }
    return nil
  }

  private static let kinds: [Kind] = [
    (
      ["shared_attention_pre_norm.", "shared_attention_ffn1."],
      "a checkpoint of Edifice's own Zamba, a different, simplified network than Zamba, as its Mamba block is neither selective nor causal: only --layout verbatim can keep it"
    ),
    (
      ["layer_1_mamba_in_proj.", "layer_1_backbone_", "layer_1_attn_ffn1."],
      "a checkpoint of Edifice's own Hybrid, a different, simplified network than Jamba, as its Mamba block is neither selective nor causal: only --layout verbatim can keep it"
    ),
    (
      ["lora_A", "lora_B", "lora_embedding_A"],
      "a LoRA adapter, not a model: merge it into its base model first"
    ),
    (
      ["ia3_l", "prompt_embeddings", "prefix_encoder"],
      "an adapter of another kind than LoRA, not a model: merge it into its base model first"
    ),
    (
      [".qweight", ".qzeros", ".g_idx"],
      "a checkpoint with GPTQ or AWQ quantised weights: convert the original weights instead"
    ),
    (
      [".quant_state", ".absmax", ".SCB"],
      "a checkpoint with bitsandbytes quantised weights: convert the original weights instead"
    ),
    (
      [".weight_packed", ".weight_scale", ".W_q", ".codebooks"],
      "a checkpoint with quantised weights: convert the original weights instead"
    ),
    (
      ["exp_avg", "optimizer.state", "momentum_buffer"],
      "an optimizer state, not a model: convert the weights that were saved beside it"
    ),
  ]

  private static let partKinds: [Kind] = [
    (
      ["mamba.x_proj.0.", "x_proj.0.weight"],
      "a single block as NVIDIA's barebones_hymba builds it, or a part of a Hymba: a whole model has model.embed_tokens.weight too"
    ),
    (
      ["._orig_mod."],
      "a checkpoint of a model of which parts were compiled (“_orig_mod.” within its names): save the state_dict() of the parts' _orig_mod"
    ),
  ]
}
