import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of a Mamba as all families of the first generation have them.
  static func mamba(extending base: OptionTable) -> OptionTable {
    OptionTable(
      [
        .flag("mamba_conv_bias", true) { $0.mamba?.biases.contains(.convolution) },
        .whole("mamba_d_conv", 4, gives: "mamba.convWidth") { $0.mamba?.convWidth },
        .whole("mamba_d_state", 16, gives: "mamba.stateSize") { $0.mamba?.stateSize },
        .whole("mamba_dt_rank", gives: "mamba.rank") { $0.mamba?.rank },
        .size("mamba_expand", 2) { $0.expansion },
        .flag("mamba_proj_bias", false) { $0.mamba?.biases.contains(.input) },
      ],
      products: [
        "mamba.innerSize": "mamba_expand * hidden_size",
        "mamba.innerSize * (convWidth + stateSize)":
          "mamba_expand * hidden_size * (mamba_d_conv + mamba_d_state)",
      ],
      // The kernels are another way to the same numbers.
      withoutEffect: ["use_associative_scan", "use_mamba_kernels", "use_mambapy"], extending: base)
  }
}

extension DescribedModel {
  /// How often the hidden size goes into the inner one: a whole number where it is one, as most originals need.
  var expansion: JSONValue? {
    guard let inner = mamba?.innerSize else { return nil }
    let hidden = architecture.hiddenSize
    return inner.isMultiple(of: hidden)
      ? .integer(inner / hidden) : .number(Double(inner) / Double(hidden))
  }
}
