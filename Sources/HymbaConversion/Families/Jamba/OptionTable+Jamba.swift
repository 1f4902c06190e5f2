import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `JambaConfig` in transformers, versions 4 and 5, and of the released files. The defaults
  /// are those of Jamba-v0.1.
  static let jamba = OptionTable(
    [
      .size("num_attention_heads", 32, gives: "attention.heads") { $0.attention?.heads },
      .whole("num_key_value_heads", 8, gives: "attention.keyValueHeads") {
        $0.attention?.keyValueHeads
      },
      .whole("head_dim", gives: "attention.keyHeadSize", "attention.valueHeadSize") { model in
        model.attention.flatMap {
          $0.queryWidth == model.architecture.hiddenSize ? nil : $0.keyHeadSize
        }
      },
      .size("attn_layer_period", 8) { $0.attentionLayers?.period },
      .whole("attn_layer_offset", 4) { $0.attentionLayers?.offset },
      .own("layers_block_type"), .own("layer_types"),
      .activation("hidden_act", .silu) {
        $0.architecture.layers.first?.feedForward.activation
      },
      .size("intermediate_size", 14336, gives: "feedForward.intermediateSize") {
        $0.architecture.layers.first?.feedForward.intermediateSize
      },
      .size("num_experts", 16, gives: "feedForward.count") { $0.experts?.count ?? 1 },
      .whole("num_local_experts"),
      .size("num_experts_per_tok", 2, gives: "feedForward.perToken") { $0.experts?.perToken ?? 1 },
      .size("expert_layer_period", 2) { $0.expertLayers?.period },
      .whole("expert_layer_offset", 1) { $0.expertLayers?.offset },
      .own("layers_num_experts"),
      // This option is not written, as the code of transformers always has these norms.
      .flag("mamba_inner_layernorms", true),
      // The kernels need CUDA.
      .withoutEffect("use_mamba_kernels") { _ in false },
    ],
    products: [
      "attention.heads * keyHeadSize": "num_attention_heads * head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * head_dim",
    ],
    withoutEffect: [
      "calc_logits_for_entire_prompt", "max_position_embeddings", "n_ctx", "num_logits_to_keep",
      "output_router_logits", "router_aux_loss_coef",
      // The original has this option, but its eager and its default attention ignore it and see everything.
      "sliding_window",
      // The base class of all configurations reads these, but no layer of Jamba has rotary embeddings.
      "rope_parameters", "rope_scaling", "rope_theta",
    ],
    extending: .mamba(
      extending: .huggingFace(
        modelType: "jamba", classes: "Jamba", hiddenSize: 4096, layers: 32, vocabulary: 65536,
        epsilon: 1e-6, isTied: false)))
}
