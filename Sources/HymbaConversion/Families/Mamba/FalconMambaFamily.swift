import HymbaFormat
import HymbaModel

/// TII's Falcon-Mamba, as in `configuration_falcon_mamba.py` and `modeling_falcon_mamba.py` of transformers: a Mamba of
/// the first generation, with norms without weights for dt, B and C.
struct FalconMambaFamily: HuggingFaceFamily {
  let name = "falcon-mamba"
  let modelName = "Falcon-Mamba"
  let modelTitle = "a Falcon-Mamba"
  let title = "a config.json of a Falcon-Mamba"
  var layouts: [[UInt8]] { MambaLayouts.falconMamba }
  let options = OptionTable.falconMamba

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("falcon_mamba")
      || document["model_type"] == nil && document["time_step_init_scheme"] != nil
        && document["mixer_rms_eps"] != nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    // The size that a file has is taken, whatever its factor says: the released models have the factor 16 beside it.
    let inner =
      if values.has("intermediate_size") {
        try values.size("intermediate_size")
      } else { try values.innerSize("expand", hiddenSize: values.size("hidden_size")) }
    return try values.plainMamba(
      innerSize: inner, innerNorms: .weightless(epsilon: values.number("mixer_rms_eps")), hasHead: hasHead)
  }
}
