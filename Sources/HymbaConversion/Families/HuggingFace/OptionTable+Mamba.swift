import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of Mamba 1, which the families that use it have in common.
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
      // These options choose kernels, which compute the same numbers in another way.
      withoutEffect: ["use_associative_scan", "use_mamba_kernels", "use_mambapy"], extending: base)
  }
}

extension DescribedModel {
  /// The inner size of the Mamba divided by the hidden size; nil without a Mamba. It is written as a whole
  /// number where it is one, as most originals need that.
  var expansion: JSONValue? {
    guard let inner = stateSpace?.innerSize else { return nil }
    let hidden = architecture.hiddenSize
    return inner.isMultiple(of: hidden)
      ? .integer(inner / hidden) : .number(Double(inner) / Double(hidden))
  }
}
