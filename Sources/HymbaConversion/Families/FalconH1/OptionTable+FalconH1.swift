import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `FalconH1Config` in transformers, versions 4 and 5. The defaults are those of the class.
  static let falconH1 = OptionTable(
    attention + mamba + multipliers,
    products: [
      "attention.heads * keyHeadSize": "num_attention_heads * head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * head_dim",
    ],
    withoutEffect: [
      // Every layer has attention, Mamba-2 and a feed forward.
      "attn_layer_indices", "layer_types", "layers_block_type", "mamba_use_mlp",
      "max_position_embeddings", "num_logits_to_keep",
    ],
    extending: .rotary(
      theta: 100000,
      extending: .mamba2(
        extending: .huggingFace(
          modelType: "falcon_h1", classes: "FalconH1", hiddenSize: 4096, layers: 32,
          vocabulary: 128000, epsilon: 1e-5, isTied: false))))

  private static let attention: [ConfigurationOption] = [
    .size("num_attention_heads", 32, gives: "attention.heads") { $0.attention?.heads },
    .whole("num_key_value_heads", 8, gives: "attention.keyValueHeads") {
      $0.attention?.keyValueHeads
    },
    .whole("head_dim", gives: "attention.keyHeadSize", "attention.valueHeadSize") {
      $0.attention?.keyHeadSize
    },
    .flag("attention_bias", false) { $0.attention?.biases.contains(.query) },
    .size("intermediate_size", 14336, gives: "feedForward.intermediateSize") {
      $0.network?.intermediateSize
    },
    .flag("mlp_bias", false) { $0.network?.hasBiases },
  ]

  private static let mamba: [ConfigurationOption] = [
    .whole("mamba_d_ssm", 1024) { $0.mamba2?.innerSize },
    // It is not written, as mamba_d_ssm says the size.
    .size("mamba_expand", 2),
    .flag("projectors_bias", false) { $0.mamba2?.biases.contains(.output) },
    .flag("mamba_rms_norm", false) { $0.mamba2?.gatedNorm != nil },
    .flag("mamba_norm_before_gate", true) { $0.mamba2?.gatedNorm?.order == .beforeGate },
  ]

  private static let multipliers: [ConfigurationOption] = [
    .number("embedding_multiplier", 1, gives: "multipliers.embedding") {
      $0.architecture.multipliers.embedding ?? 1
    },
    .number("lm_head_multiplier", 1, gives: "multipliers.logits") {
      $0.architecture.multipliers.logits ?? 1
    },
    .number("attention_in_multiplier", 1, gives: "attention.inputMultiplier") {
      $0.attention?.inputMultiplier ?? 1
    },
    .number("attention_out_multiplier", 1, gives: "attention.outputMultiplier") {
      $0.attention?.outputMultiplier ?? 1
    },
    .number("key_multiplier", 1, gives: "attention.keyMultiplier") {
      $0.attention?.keyMultiplier ?? 1
    },
    .number("ssm_in_multiplier", 1, gives: "mamba.multipliers.input") {
      $0.mamba2?.multipliers?.input ?? 1
    },
    .number("ssm_out_multiplier", 1, gives: "mamba.multipliers.output") {
      $0.mamba2?.multipliers?.output ?? 1
    },
    .own(
      "ssm_multipliers", gives: "mamba.multipliers.z", "mamba.multipliers.x", "mamba.multipliers.B",
      "mamba.multipliers.C", "mamba.multipliers.timeStep"
    ) { model in
      let factors = model.mamba2?.multipliers
      return [factors?.z, factors?.x, factors?.B, factors?.C, factors?.timeStep].factors
    },
    .own(
      "mlp_multipliers", gives: "feedForward.gateMultiplier", "feedForward.outputMultiplier"
    ) { [$0.network?.gateMultiplier, $0.network?.outputMultiplier].factors },
  ]

  /// The names of all multipliers of a Falcon-H1.
  static let falconH1Multipliers = multipliers.map(\.name)
}
