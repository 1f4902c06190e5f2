import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `GraniteMoeHybridConfig` in transformers, versions 4 and 5. The defaults are those of the
  /// class.
  static let graniteHybrid = OptionTable(
    attention + feedForward + multipliers,
    products: [
      "attention.heads * keyHeadSize": "num_attention_heads * head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * head_dim",
    ],
    withoutEffect: ["max_position_embeddings", "output_router_logits", "router_aux_loss_coef"],
    extending: .rotary(
      theta: 10000,
      extending: .mamba2(
        extending: .huggingFace(
          modelType: "granitemoehybrid", classes: "GraniteMoeHybrid", hiddenSize: 4096, layers: 32,
          vocabulary: 32000, epsilon: 1e-6, isTied: false))))

  private static let attention: [ConfigurationOption] = [
    // Version 4 of transformers knows these two words alone.
    .own("layer_types") { model in
      model.architecture.layers.map { $0.attention == nil ? "mamba" : "attention" }
    },
    .own("layers_block_type"),
    .size("num_attention_heads", 32, gives: "attention.heads") { $0.attention?.heads },
    .whole("num_key_value_heads", gives: "attention.keyValueHeads") { $0.attention?.keyValueHeads },
    .whole("head_dim", gives: "attention.keyHeadSize", "attention.valueHeadSize") {
      $0.attention?.keyHeadSize
    },
    .flag("attention_bias", false) { $0.attention?.biases.contains(.query) },
    .own("position_embedding_type") { $0.attention.map { $0.rotary == nil ? "nope" : "rope" } },
  ]

  private static let feedForward: [ConfigurationOption] = [
    .size(
      "shared_intermediate_size", 1024, gives: "feedForward.intermediateSize",
      "feedForward.shared.intermediateSize"
    ) { $0.network?.intermediateSize ?? $0.mixture?.shared?.intermediateSize },
    .size("intermediate_size", 11008, gives: "feedForward.expert.intermediateSize") {
      $0.mixture?.expert.intermediateSize
    },
    .whole("num_local_experts", 8, gives: "feedForward.count") { $0.mixture?.count ?? 0 },
    .whole("num_experts_per_tok", 2, gives: "feedForward.perToken") { $0.mixture?.perToken ?? 0 },
  ]

  private static let multipliers: [ConfigurationOption] = [
    .number("attention_multiplier", 1, gives: "attention.scale") { model in
      model.attention.map { $0.scale ?? 1 / Double($0.keyHeadSize).squareRoot() } ?? 1
    },
    .number("embedding_multiplier", 1, gives: "multipliers.embedding") {
      $0.architecture.multipliers.embedding ?? 1
    },
    .number("logits_scaling", 1, gives: "multipliers.logitsDivisor") {
      $0.architecture.multipliers.logitsDivisor ?? 1
    },
    .number("residual_multiplier", 1, gives: "multipliers.residual") {
      $0.architecture.multipliers.residual ?? 1
    },
  ]

  /// The names of all multipliers of a Granite hybrid, in the order of the table.
  static let graniteHybridMultipliers = multipliers.map(\.name)
}
