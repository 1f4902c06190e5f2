import HymbaFormat
import HymbaModel

/// Mamba-2 and nothing else, as in `configuration_mamba2.py` and `modeling_mamba2.py` of transformers.
struct Mamba2Family: HuggingFaceFamily {
  let name = "mamba2"
  let modelName = "Mamba-2"
  let modelTitle = "a Mamba-2"
  let title = "a config.json of a Mamba-2"
  var layouts: [[UInt8]] { [PackageResources.hf_mamba2_json, PackageResources.gguf_mamba2_json] }
  let options = OptionTable.plainMamba2

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("mamba2")
      || document["model_type"] == nil && document["num_heads"] != nil
        && document["n_groups"] != nil && document["state_size"] != nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let inner = try values.innerSize("expand", hiddenSize: hidden)
    let heads = try values.size("num_heads")
    let hasBiases = try values.flag("use_bias")
    let mamba = Architecture.Mamba2(
      heads: heads,
      headSize: try values.requireHeadSize(
        values.whole("head_dim"), named: "head_dim", heads: heads, named: "num_heads",
        innerSize: inner, from: "expand * hidden_size"),
      groups: try values.whole("n_groups"), stateSize: try values.whole("state_size"),
      convWidth: try values.whole("conv_kernel"),
      biases: Architecture.Mamba2.Projection.biased(
        input: hasBiases, convolution: try values.flag("use_conv_bias"), output: hasBiases),
      gatedNorm: .init(order: .afterGate, epsilon: try values.number("layer_norm_epsilon")),
      timeStepLimits: try values.timeStepLimits())
    return try values.mambaModel(.mamba2(mamba), hiddenSize: hidden, hasHead: hasHead)
  }
}
