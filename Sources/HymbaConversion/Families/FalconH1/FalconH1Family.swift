import HymbaFormat
import HymbaModel

/// TII's Falcon-H1, as in `configuration_falcon_h1.py` and `modeling_falcon_h1.py` of transformers.
struct FalconH1Family: HuggingFaceFamily {
  let name = "falcon-h1"
  let modelName = "Falcon-H1"
  let modelTitle = "a Falcon-H1"
  let title = "a config.json of a Falcon-H1"
  var layouts: [[UInt8]] { [PackageResources.hf_falcon_h1_json, PackageResources.gguf_falcon_h1_json] }
  let options = OptionTable.falconH1

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("falcon_h1")
      || document["model_type"] == nil
        && (document["mamba_d_ssm"] != nil || document["ssm_multipliers"] != nil)
  }

  /// Refuses the files of MLX, as they hold other numbers than the originals.
  func requireOriginal(_ tensors: TensorTable) throws(ConversionError) {
    guard let name = tensors.firstConvolutionOfMLX else { return }
    throw .otherKind(
      "a checkpoint that MLX wrote, as “\(name.printable)” has its last two axes exchanged: its loader multiplies the multipliers of config.json into the weights, so they would be applied twice; convert the original checkpoint"
    )
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try FalconH1Reading(values: values).architecture(hasHead)
  }

  func notes(on values: OptionValues, origin: String) -> [String] {
    OptionTable.falconH1Multipliers.contains(where: values.has)
      ? [] : [OptionValues.note(factors: "all multipliers", absentFrom: origin, of: "TII")]
  }
}

/// Reads the architecture from a `config.json` of a Falcon-H1.
private struct FalconH1Reading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let layer = Architecture.Layer(
      mixer: .parallel(
        attention: try attention(hidden), mamba: .mamba2(try mamba(hidden)), fusion: .sum),
      feedForward: try feedForward())
    let output = try values.output(hasHead: hasHead)
    let ofLogits = try values.factor("lm_head_multiplier")
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm(), metaTokens: .none,
      layers: Array(repeating: layer, count: try values.size("num_hidden_layers")),
      output: output,
      multipliers: Architecture.Multipliers(
        embedding: try values.factor("embedding_multiplier"),
        logits: output.isLogits ? ofLogits : nil))
  }

  private func attention(_ hidden: Int) throws(ConversionError) -> Architecture.Attention {
    let heads = try values.size("num_attention_heads")
    let headSize = try values.headSize(hiddenSize: hidden, heads: heads)
    return Architecture.Attention(
      heads: heads, keyValueHeads: try values.optionalWhole("num_key_value_heads") ?? heads,
      keyHeadSize: headSize, valueHeadSize: headSize, biases: try values.attentionBiases(),
      rotary: Architecture.Attention.Rotary(base: try values.rotaryBase()),
      keyMultiplier: try values.factor("key_multiplier"),
      inputMultiplier: try values.factor("attention_in_multiplier"),
      outputMultiplier: try values.factor("attention_out_multiplier"))
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba2 {
    let given = try values.optionalWhole("mamba_d_ssm")
    let factors = try values.factors("ssm_multipliers", count: 5)
    let inner = if let given { given } else { try values.size("mamba_expand") * hidden }
    return try values.mamba2(
      innerSize: inner,
      from: given == nil ? "mamba_expand * hidden_size" : "mamba_d_ssm",
      outputBias: "projectors_bias", gatedNorm: gatedNorm(),
      multipliers: Architecture.Mamba2.Multipliers(
        input: values.factor("ssm_in_multiplier"), z: factors[0], x: factors[1], B: factors[2],
        C: factors[3], timeStep: factors[4], output: values.factor("ssm_out_multiplier")))
  }

  private func gatedNorm() throws(ConversionError) -> Architecture.Mamba2.GatedNorm? {
    let isBefore = try values.flag("mamba_norm_before_gate")
    guard try values.flag("mamba_rms_norm") else { return nil }
    return Architecture.Mamba2.GatedNorm(
      order: isBefore ? .beforeGate : .afterGate, epsilon: try values.number("rms_norm_eps"))
  }

  private func feedForward() throws(ConversionError) -> Architecture.FeedForward {
    let factors = try values.factors("mlp_multipliers", count: 2)
    return .of(
      Architecture.Network(
        intermediateSize: try values.size("intermediate_size"), activation: .silu, isGated: true,
        hasBiases: try values.flag("mlp_bias"), gateMultiplier: factors[0],
        outputMultiplier: factors[1]))
  }
}
