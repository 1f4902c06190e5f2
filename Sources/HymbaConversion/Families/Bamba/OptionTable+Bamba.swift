import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `BambaConfig` in transformers, versions 4 and 5, and of the released files. The defaults
  /// are those of the class.
  static let bamba = OptionTable(
    [
      .size("num_attention_heads", 32, gives: "attention.heads") { $0.attention?.heads },
      .whole("num_key_value_heads", 8, gives: "attention.keyValueHeads") {
        $0.attention?.keyValueHeads
      },
      .whole("head_dim", gives: "attention.keyHeadSize", "attention.valueHeadSize") {
        $0.attention?.keyHeadSize
      },
      .flag("attention_bias", false) { $0.attention?.biases.contains(.query) },
      .own("attn_layer_indices") { model in
        model.architecture.layers.indices.filter { model.architecture.layers[$0].attention != nil }
      },
      .own("layers_block_type"), .own("layer_types"),
      // vLLM and llama.cpp read this, transformers has the half.
      .whole("attn_rotary_emb"),
      .neutral(
        "partial_rotary_factor", [.number(0.5)], "the original rotates half of each head"),
      .size("intermediate_size", 14336, gives: "feedForward.intermediateSize") {
        $0.network?.intermediateSize
      },
      .flag("mlp_bias", false) { $0.network?.hasBiases },
    ],
    products: [
      "attention.heads * keyHeadSize": "num_attention_heads * head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * head_dim",
    ],
    withoutEffect: ["max_position_embeddings", "num_logits_to_keep", "z_loss_coefficient"],
    extending: .rotary(
      theta: 10000,
      extending: .mamba2(
        extending: .huggingFace(
          modelType: "bamba", classes: "Bamba", hiddenSize: 4096, layers: 32, vocabulary: 128000,
          epsilon: 1e-5, isTied: false))))
}
