import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of `MambaConfig` in transformers, versions 4 and 5: a Mamba of the first generation and
  /// nothing else.
  static let plainMamba = OptionTable(
    [
      // Version 4 of transformers takes this size where a file has it.
      .whole("intermediate_size") { $0.mamba?.innerSize }
    ],
    products: [
      "mamba.innerSize": "expand * hidden_size",
      "mamba.innerSize * (convWidth + stateSize)":
        "expand * hidden_size * (conv_kernel + state_size)",
    ],
    extending: .firstGeneration(modelType: "mamba", classes: "Mamba"))

  /// The options of `FalconMambaConfig` in transformers, versions 4 and 5.
  static let falconMamba = OptionTable(
    [
      .size("intermediate_size", gives: "mamba.innerSize") { $0.mamba?.innerSize },
      .number("mixer_rms_eps", 1e-6, gives: "mamba.innerNorms.weightless.epsilon") {
        $0.mamba?.innerNorms.ownEpsilon
      },
    ],
    products: [
      "mamba.innerSize * (convWidth + stateSize)": "intermediate_size * (conv_kernel + state_size)"
    ],
    withoutEffect: ["use_falcon_mambapy"],
    extending: .firstGeneration(modelType: "falcon_mamba", classes: "FalconMamba"))

  /// The options that the two classes of the first generation have in common, with their defaults.
  private static func firstGeneration(modelType: String, classes: String) -> OptionTable {
    OptionTable(
      [
        .number("expand", 2) { $0.expansion },
        .whole("state_size", 16, gives: "mamba.stateSize") { $0.mamba?.stateSize },
        .whole("time_step_rank", gives: "mamba.rank") { $0.mamba?.rank },
        .activation("hidden_act", .silu) { $0.mamba?.activation ?? .silu },
      ],
      withoutEffect: [
        // These options are about initial values.
        "rescale_prenorm_residual", "time_step_floor", "time_step_init_scheme", "time_step_max",
        "time_step_min", "time_step_scale",
        // The kernels compute the same numbers in another way.
        "residual_in_fp32", "use_associative_scan", "use_mambapy",
      ],
      extending: .mambas(
        extending: .huggingFace(
          modelType: modelType, classes: classes, hiddenSize: 768, layers: 32, vocabulary: 50280,
          norm: "layer_norm_epsilon", epsilon: 1e-5, isTied: true)))
  }

  /// The options of `Mamba2Config` in transformers, versions 4 and 5: a Mamba-2 and nothing else. The
  /// defaults are those of the class.
  static let plainMamba2 = OptionTable(
    [
      .number("expand", 2) { $0.expansion },
      .size("num_heads", 128, gives: "mamba.heads") { $0.mamba2?.heads },
      .whole("head_dim", 64, gives: "mamba.headSize") { $0.mamba2?.headSize },
      .whole("n_groups", 8, gives: "mamba.groups") { $0.mamba2?.groups },
      .whole("state_size", 128, gives: "mamba.stateSize") { $0.mamba2?.stateSize },
      .own("time_step_limit", gives: "mamba.timeStepLimits") { $0.timeStepLimits },
      .silu("hidden_act"),
      .neutral("rms_norm", [.bool(true)], "the original has a norm behind its gate"),
    ],
    products: [
      "mamba.heads * headSize": "num_heads * head_dim",
      "mamba.groups * stateSize": "n_groups * state_size",
      "mamba.heads * headSize + 2 * groups * stateSize":
        "num_heads * head_dim + 2 * n_groups * state_size",
      "mamba.heads * headSize * stateSize": "num_heads * head_dim * state_size",
    ],
    withoutEffect: ["chunk_size", "rescale_prenorm_residual", "residual_in_fp32"] + mamba2Training,
    extending: .mambas(
      extending: .huggingFace(
        modelType: "mamba2", classes: "Mamba2", hiddenSize: 4096, layers: 64, vocabulary: 32768,
        norm: "layer_norm_epsilon", epsilon: 1e-5, isTied: false)))

  /// The options that the classes of both generations have in common.
  private static func mambas(extending base: OptionTable) -> OptionTable {
    OptionTable(
      [
        .whole("conv_kernel", 4, gives: "mamba.convWidth") {
          $0.mamba?.convWidth ?? $0.mamba2?.convWidth
        },
        .flag("use_bias", false) { model in
          model.mamba?.biases.contains(.input) ?? model.mamba2?.biases.contains(.input)
        },
        .flag("use_conv_bias", true) { model in
          model.mamba?.biases.contains(.convolution) ?? model.mamba2?.biases.contains(.convolution)
        },
      ],
      // The base class of all configurations reads these, but no layer has positions.
      withoutEffect: ["rope_parameters", "rope_scaling", "rope_theta"], extending: base)
  }
}
