import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `ZambaConfig` in transformers, versions 4 and 5. They are those of Zamba version 1, and the
  /// defaults are those of Zamba-7B-v1.
  static let zamba = OptionTable(
    [
      .size("num_attention_heads", 16, gives: "attention.heads") { $0.sharedAttention?.heads },
      .whole("num_key_value_heads", 16, gives: "attention.keyValueHeads") {
        $0.sharedAttention?.keyValueHeads
      },
      .size("attention_head_dim", gives: "attention.keyHeadSize", "attention.valueHeadSize") {
        $0.sharedAttention?.keyHeadSize
      },
      .whole("attention_hidden_size") { model in
        model.sharedAttention.map { _ in 2 * model.architecture.hiddenSize }
      },
      .whole("head_dim"),
      .size("attn_layer_period", 6), .whole("attn_layer_offset", 4),
      .own("layers_block_type") { model in
        model.architecture.layers.map { $0.usesSharedBlock ? "hybrid" : "mamba" }
      },
      .own("layer_types"),
      .activation("hidden_act", .gelu) { $0.architecture.sharedBlock?.feedForward.activation },
      .size("intermediate_size", 14848, gives: "feedForward.intermediateSize") {
        $0.architecture.sharedBlock?.feedForward.intermediateSize
      },
      .size("n_mamba_heads", 2, gives: "mamba.heads") { $0.mamba?.heads },
      .activation("hidden_mamba_act", .silu) { $0.mamba?.activation ?? .silu },
      // The kernels need CUDA.
      .withoutEffect("use_mamba_kernels") { _ in false },
    ],
    products: [
      "attention.heads * keyHeadSize": "num_attention_heads * attention_head_dim",
      "attention.heads * valueHeadSize": "num_attention_heads * attention_head_dim",
    ],
    withoutEffect: [
      "max_position_embeddings", "num_logits_to_keep",
      // These options bound the initial values of the bias of the time step.
      "time_step_floor", "time_step_max", "time_step_min",
      // The base class of all configurations reads these, but no layer of Zamba has rotary embeddings.
      "rope_parameters", "rope_scaling", "rope_theta",
    ],
    extending: .mamba(
      extending: .huggingFace(
        modelType: "zamba", classes: "Zamba", hiddenSize: 3712, layers: 76, vocabulary: 32000,
        epsilon: 1e-5, isTied: true)))
}
