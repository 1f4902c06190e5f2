import HymbaFormat
import HymbaModel

/// Zyphra's Zamba, version 1, as in `configuration_zamba.py` and `modeling_zamba.py` of transformers.
struct ZambaFamily: HuggingFaceFamily {
  let name = "zamba"
  let modelName = "Zamba"
  let modelRelease: String? = "version 1"
  let modelTitle = "a Zamba"
  let title = "a config.json of a Zamba"
  var layouts: [[UInt8]] { [PackageResources.hf_zamba_json] }
  let options = OptionTable.zamba

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("zamba")
      || document["model_type"] == nil && document["n_mamba_heads"] != nil
        && document["num_mem_blocks"] == nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try ZambaReading(values: values).architecture(hasHead)
  }
}

/// Reads the architecture from a `config.json` of a Zamba.
private struct ZambaReading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let mamba = try mamba(hidden)
    let layers = try hybrids().map { isHybrid in
      Architecture.Layer(
        mixer: isHybrid ? .sharedThenMamba(mamba: .mamba(mamba)) : .mamba(mamba: .mamba(mamba)),
        feedForward: .none)
    }
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm(),
      metaTokens: .none, layers: layers,
      sharedBlock: layers.contains(where: \.usesSharedBlock) ? try sharedBlock(hidden) : nil,
      output: try values.output(hasHead: hasHead))
  }

  /// For each layer, whether it uses the shared block. Without a list of kinds, the period and the offset say
  /// so.
  private func hybrids() throws(ConversionError) -> [Bool] {
    let count = try values.size("num_hidden_layers")
    let listed = try values.layerKinds(
      ["layers_block_type", "layer_types"], count: count,
      // Version 5 of transformers writes “linear_attention” for “mamba”.
      ["mamba": false, "linear_attention": false, "hybrid": true])
    if let listed { return listed }
    let period = try values.size("attn_layer_period")
    let offset = try values.whole("attn_layer_offset")
    return (0..<count).map { $0 < 3 ? $0 == 2 : ($0 - 3) % period == offset }
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba {
    let inner = try values.size("mamba_expand") * hidden
    let heads = try values.size("n_mamba_heads")
    let activation = try values.activation("hidden_mamba_act")
    guard inner % heads == 0 else {
      throw .option(
        "n_mamba_heads", found: "\(heads)",
        expected: "a divisor of mamba_expand * hidden_size, \(inner)")
    }
    return Architecture.Mamba(
      innerSize: inner, heads: heads, stateSize: try values.whole("mamba_d_state"),
      rank: try values.timeStepRank(hiddenSize: hidden),
      convWidth: try values.whole("mamba_d_conv"), biases: try values.mambaBiases(),
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true, innerNorms: .none,
      activation: activation == .silu ? nil : activation)
  }

  private func sharedBlock(_ hidden: Int) throws(ConversionError) -> Architecture.SharedBlock {
    let width = try values.optionalWhole("attention_hidden_size") ?? 2 * hidden
    guard width == 2 * hidden else {
      throw .option(
        "attention_hidden_size", found: "\(width)",
        expected: "2 * hidden_size, \(2 * hidden): the stream beside the embedding")
    }
    let heads = try values.size("num_attention_heads")
    let headSize = try values.size(
      "attention_head_dim", otherwise: max(1, 2 * hidden / heads))
    if let other = try values.optionalWhole("head_dim"), other != headSize {
      throw .option(
        "head_dim", found: "\(other)",
        expected:
          "attention_head_dim, \(headSize): version 5 of transformers takes the one, version 4 the other"
      )
    }
    return Architecture.SharedBlock(
      attention: Architecture.Attention(
        heads: heads,
        keyValueHeads: try values.optionalWhole("num_key_value_heads") ?? heads,
        keyHeadSize: headSize, valueHeadSize: headSize,
        // The original divides by the root of half of the head size, as its attention reads two vectors side by
        // side.
        scale: 1 / (Double(headSize) / 2).squareRoot(), biases: []),
      feedForward: .gatedUnit(
        try values.activation("hidden_act"), try values.size("intermediate_size")))
  }
}
