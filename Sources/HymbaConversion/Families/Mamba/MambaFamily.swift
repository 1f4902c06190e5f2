import HymbaFormat
import HymbaModel

/// Mamba of the first generation and nothing else, as in `configuration_mamba.py` and `modeling_mamba.py` of
/// transformers.
struct MambaFamily: HuggingFaceFamily {
  let name = "mamba"
  let modelName = "Mamba"
  let modelTitle = "a Mamba"
  let title = "a config.json of a Mamba"
  var layouts: [[UInt8]] { MambaLayouts.mamba }
  let options = OptionTable.plainMamba

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("mamba")
      // Falcon-Mamba has an option of its own beside these.
      || document["model_type"] == nil && document["time_step_init_scheme"] != nil
        && document["mixer_rms_eps"] == nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let inner = try values.innerSize("expand", hiddenSize: hidden)
    if let given = try values.optionalWhole("intermediate_size"), given != inner {
      throw ConversionError.option(
        "intermediate_size", found: "\(given)", expected: "expand * hidden_size, \(inner)")
    }
    return try values.plainMamba(innerSize: inner, innerNorms: .none, hasHead: hasHead)
  }
}

extension OptionValues {
  /// A model of one Mamba of the first generation in each layer and nothing else.
  func plainMamba(
    innerSize: Int, innerNorms: Architecture.Mamba.InnerNorms, hasHead: Bool?
  ) throws -> Architecture {
    let hidden = try size("hidden_size")
    let activation = try activation("hidden_act")
    var biases: [Architecture.Mamba.Projection] = [.timeStep]
    if try flag("use_conv_bias") { biases.append(.convolution) }
    if try flag("use_bias") { biases += [.input, .output] }
    let mamba = Architecture.Mamba(
      innerSize: innerSize, stateSize: try whole("state_size"),
      rank: try timeStepRank("time_step_rank", hiddenSize: hidden),
      convWidth: try whole("conv_kernel"), biases: biases.sorted { $0.rawValue < $1.rawValue },
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true, innerNorms: innerNorms,
      activation: activation == .silu ? nil : activation)
    return try mambaModel(.mamba(mamba), hiddenSize: hidden, hasHead: hasHead)
  }

  /// A model of one state space branch in each layer and nothing else.
  func mambaModel(
    _ mamba: Architecture.StateSpace, hiddenSize: Int, hasHead: Bool?
  ) throws -> Architecture {
    let layer = Architecture.Layer(mixer: .mamba(mamba: mamba), feedForward: .none)
    return try Architecture(
      input: .tokens(vocabularySize: try whole("vocab_size")), hiddenSize: hiddenSize,
      norm: try rmsNorm("layer_norm_epsilon"), metaTokens: .none,
      layers: Array(repeating: layer, count: try size("num_hidden_layers")),
      output: try output(hasHead: hasHead))
  }
}
