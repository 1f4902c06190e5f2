import HymbaFormat
import HymbaModel

/// AI21's Jamba, as in `configuration_jamba.py` and `modeling_jamba.py` of transformers.
struct JambaFamily: HuggingFaceFamily {
  let name = "jamba"
  let modelName = "Jamba"
  let modelTitle = "a Jamba"
  let title = "a config.json of a Jamba"
  /// The layouts of Jamba. The stacked one is tried first, as its checkpoints have every name in the signature
  /// of the plain one.
  var layouts: [[UInt8]] {
    [
      PackageResources.hf_jamba_stacked_json, PackageResources.hf_jamba_json,
      PackageResources.gguf_jamba_json,
    ]
  }
  let options = OptionTable.jamba

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("jamba")
      || document["model_type"] == nil && document["expert_layer_period"] != nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try JambaReading(values: values).architecture(hasHead)
  }
}

/// Reads the architecture from a `config.json` of a Jamba.
private struct JambaReading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let layerCount = try values.size("num_hidden_layers")
    let activation = try values.activation("hidden_act")
    let mamba = try mamba(hidden, activation)
    let size = try values.size("intermediate_size")
    let (experts, hasExperts) = try experts(layerCount)
    let chosen = try values.size("num_experts_per_tok")
    let isAttention = try attends(layerCount)
    // Without an attention layer, the original ignores the options of attention.
    let attention = isAttention.contains(true) ? try attention(hidden) : nil
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm(),
      metaTokens: .none,
      layers: (0..<layerCount).map { index in
        var mixer = Architecture.Mixer.mamba(mamba: .mamba(mamba))
        if isAttention[index], let attention { mixer = .attention(attention: attention) }
        return Architecture.Layer(
          mixer: mixer,
          feedForward: hasExperts[index]
            ? .experts(
              count: experts, perToken: chosen, intermediateSize: size,
              activation: activation == .silu ? nil : activation)
            : .gatedUnit(activation, size))
      },
      output: try values.output(hasHead: hasHead))
  }

  /// For each layer, whether its mixer is attention. A list of kinds says so, or else the period and the
  /// offset.
  ///
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where both are given and disagree.
  private func attends(_ layerCount: Int) throws(ConversionError) -> [Bool] {
    let byPeriod = try selection("attn_layer")
    let periods = (0..<layerCount).map(byPeriod)
    let listed = try values.layerKinds(
      ["layers_block_type", "layer_types"], count: layerCount,
      ["mamba": false, "linear_attention": false, "attention": true, "full_attention": true])
    guard let listed else { return periods }
    let hasPeriods = values["attn_layer_period"] != nil || values["attn_layer_offset"] != nil
    if hasPeriods, let layer = periods.indices.first(where: { periods[$0] != listed[$0] }) {
      throw .option(
        "\(values["layers_block_type"] == nil ? "layer_types" : "layers_block_type") of layer \(layer)",
        found: listed[layer] ? "attention" : "Mamba",
        expected: "what attn_layer_period and attn_layer_offset say of it")
    }
    return listed
  }

  /// The number of experts, and for each layer whether it has experts.
  ///
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where options that say the same thing disagree.
  private func experts(_ layerCount: Int) throws(ConversionError) -> (count: Int, [Bool]) {
    // num_local_experts is the name in version 5 of transformers, num_experts the one in files of version 4.
    let local = try values.optionalWhole("num_local_experts")
    let count = try values.size("num_experts", otherwise: local)
    if let local, local != count {
      throw .option("num_local_experts", found: "\(local)", expected: "num_experts, \(count)")
    }
    let chosen = try selection("expert_layer")
    let hasExperts = (0..<layerCount).map { count > 1 && chosen($0) }
    if let listed = try values.integers("layers_num_experts"),
      listed != (0..<layerCount).map({ chosen($0) ? count : 1 })
    {
      throw .option(
        "layers_num_experts", found: "another list",
        expected: "what num_experts, expert_layer_period and expert_layer_offset give")
    }
    return (count, hasExperts)
  }

  private func attention(_ hidden: Int) throws(ConversionError) -> Architecture.Attention {
    let heads = try values.size("num_attention_heads")
    let headSize = try values.headSize(hiddenSize: hidden, heads: heads)
    return Architecture.Attention(
      heads: heads,
      keyValueHeads: try values.optionalWhole("num_key_value_heads") ?? heads,
      keyHeadSize: headSize, valueHeadSize: headSize, biases: [])
  }

  private func mamba(
    _ hidden: Int, _ activation: Architecture.Activation
  ) throws(ConversionError) -> Architecture.Mamba {
    Architecture.Mamba(
      innerSize: try values.size("mamba_expand") * hidden,
      stateSize: try values.whole("mamba_d_state"),
      rank: try values.timeStepRank(hiddenSize: hidden),
      convWidth: try values.whole("mamba_d_conv"), biases: try values.mambaBiases(),
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true,
      innerNorms: try values.flag("mamba_inner_layernorms") ? .weighted : .none,
      activation: activation == .silu ? nil : activation)
  }

  /// A test of whether a layer, by its index, is chosen by the options `NAME_period` and `NAME_offset`.
  private func selection(_ name: String) throws(ConversionError) -> (Int) -> Bool {
    let period = try values.size("\(name)_period")
    let offset = try values.whole("\(name)_offset")
    guard (0..<period).contains(offset) else {
      throw .option(
        "\(name)_offset", found: "\(offset)",
        expected: "a whole number below \(name)_period, \(period)")
    }
    return { $0 % period == offset }
  }
}
