import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of Mamba-2 under the names that Falcon-H1, Bamba and Granite have in common. The other
  /// families have names of their own.
  static func mamba2(extending base: OptionTable) -> OptionTable {
    OptionTable(
      [
        // The classes ask for a divisor of the inner size even where no layer is Mamba-2.
        .size("mamba_n_heads", 128, gives: "mamba.heads") { $0.mamba2?.heads ?? 1 },
        .whole("mamba_d_head", gives: "mamba.headSize") { $0.mamba2?.headSize },
        .whole("mamba_n_groups", 1, gives: "mamba.groups") { $0.mamba2?.groups },
        .whole("mamba_d_state", 256, gives: "mamba.stateSize") { $0.mamba2?.stateSize },
        .whole("mamba_d_conv", 4, gives: "mamba.convWidth") { $0.mamba2?.convWidth },
        .size("mamba_expand", 2) { $0.expansion },
        .flag("mamba_conv_bias", true) { $0.mamba2?.biases.contains(.convolution) },
        .flag("mamba_proj_bias", false) { $0.mamba2?.biases.contains(.input) },
        .own("time_step_limit", gives: "mamba.timeStepLimits") { $0.timeStepLimits },
        .silu("hidden_act"),
      ],
      products: [
        "mamba.heads * headSize": "mamba_n_heads * mamba_d_head",
        "mamba.groups * stateSize": "mamba_n_groups * mamba_d_state",
        "mamba.heads * headSize + 2 * groups * stateSize":
          "mamba_n_heads * mamba_d_head + 2 * mamba_n_groups * mamba_d_state",
        "mamba.heads * headSize * stateSize": "mamba_n_heads * mamba_d_head * mamba_d_state",
      ],
      withoutEffect: ["mamba_chunk_size"] + mamba2Training, extending: base)
  }

  /// Options that bound the initial values of the bias of the time step.
  static let mamba2Training = [
    "time_step_floor", "time_step_max", "time_step_min", "time_step_rank",
  ]
}

extension ConfigurationOption {
  /// The activation of a Mamba-2, which the kernels of the originals know as SiLU alone.
  static func silu(_ name: String) -> Self {
    .neutral(
      name, [.string("silu"), .string("swish")],
      "no model with another function was released, and the originals' kernels know no other")
  }
}

extension DescribedModel {
  /// The limits of the time step as a list; nil where there are none. No upper limit is infinity.
  var timeStepLimits: JSONValue? {
    guard let limits = mamba2?.timeStepLimits else { return nil }
    return .array([.number(limits.lower), .number(limits.upper ?? .infinity)])
  }
}
