import HymbaFormat
import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// Zyphra's Zamba2, as in `configuration_zamba2.py` and `modeling_zamba2.py` of transformers, and as in the
/// fork with which it was first released.
struct Zamba2Family: HuggingFaceFamily {
  let name = "zamba2"
  let modelName = "Zamba2"
  let modelTitle = "a Zamba2"
  let title = "a config.json of a Zamba2"
  var layouts: [[UInt8]] { [PackageResources.hf_zamba2_json] }
  let options = OptionTable.zamba2

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("zamba2")
      || document["model_type"] == nil && document["num_mem_blocks"] != nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try Zamba2Reading(values: values).architecture(hasHead)
  }

  func notes(on values: OptionValues, origin: String) -> [String] {
    Zamba2Reading(values: values).notes(origin)
  }
}

/// Reads the architecture from a `config.json` of a Zamba2.
struct Zamba2Reading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let mamba = Architecture.StateSpace.mamba2(try mamba(hidden))
    let layers = try hybrids().map { isHybrid in
      Architecture.Layer(
        mixer: isHybrid ? .sharedThenMamba(mamba: mamba) : .mamba(mamba: mamba), feedForward: .none)
    }
    let uses = layers.count { $0.usesSharedBlock }
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm(), metaTokens: .none, layers: layers,
      sharedBlock: uses > 0 ? try sharedBlock(hidden, uses) : nil,
      output: try values.output(hasHead: hasHead))
  }

  /// For each layer, whether it uses a shared block.
  private func hybrids() throws(ConversionError) -> [Bool] {
    let count = try values.size("num_hidden_layers")
    let listed = try values.layerKinds(
      ["layers_block_type", "layer_types"], count: count,
      [
        "mamba": false, "hybrid": true,
        // Version 5 of transformers writes this for “mamba”, and the first releases have a letter for each.
        "linear_attention": false, "m": false, "g": true,
      ])
    if let listed { return listed }
    let layers = Self.defaultHybrids
    guard layers.count == count else {
      throw .option(
        "num_hidden_layers", found: "\(count)",
        expected:
          "\(layers.count), the layers of the list that stands for an absent layers_block_type")
    }
    return layers
  }

  /// The layers of Zamba2-2.7B: 54 of which these use a shared block.
  private static let defaultHybrids: [Bool] = {
    let hybrids: Set = [6, 12, 18, 24, 30, 36, 42, 47, 51]
    return (0..<54).map(hybrids.contains)
  }()

  /// The heads of the Mamba: `n_mamba_heads`, or in a file of the first releases, which has none, what follows
  /// from `mamba_headdim`.
  private func mambaHeads(_ inner: Int) throws(ConversionError) -> Int {
    guard !values.has("n_mamba_heads"), values.has("mamba_headdim") else {
      let heads = try values.size("n_mamba_heads")
      _ = try values.requireHeadSize(
        nil, named: "mamba_headdim", heads: heads, named: "n_mamba_heads", innerSize: inner,
        from: "mamba_expand * hidden_size")
      return heads
    }
    let size = try values.size("mamba_headdim")
    guard inner % size == 0 else {
      throw .option(
        "mamba_headdim", found: "\(size)",
        expected: "a divisor of mamba_expand * hidden_size, \(inner)")
    }
    return inner / size
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba2 {
    let inner = try values.innerSize("mamba_expand", hiddenSize: hidden)
    let heads = try mambaHeads(inner)
    let hasBiases = try values.flag("add_bias_linear")
    return Architecture.Mamba2(
      heads: heads, headSize: inner / heads, groups: try values.whole("mamba_ngroups"),
      stateSize: try values.whole("mamba_d_state"), convWidth: try values.whole("mamba_d_conv"),
      biases: Architecture.Mamba2.Projection.biased(
        input: hasBiases, convolution: true, output: hasBiases),
      // The original has this epsilon whatever rms_norm_eps says.
      gatedNorm: .init(order: .afterGate, epsilon: 1e-5),
      timeStepLimits: try values.timeStepLimits())
  }

  /// The shared block of a model in which `uses` layers use one.
  private func sharedBlock(_ hidden: Int, _ uses: Int) throws -> Architecture.SharedBlock {
    let heads = try values.size("num_attention_heads")
    let keyValueHeads = try values.optionalWhole("num_key_value_heads") ?? heads
    guard 2 * hidden % heads == 0 else {
      throw ConversionError.option(
        "num_attention_heads", found: "\(heads)",
        expected: "a divisor of 2 * hidden_size, \(2 * hidden)")
    }
    let headSize = 2 * hidden / heads
    let adaptsAttention = try values.flag("use_shared_attention_adapter")
    if adaptsAttention, keyValueHeads != heads {
      throw ConversionError.option(
        "num_key_value_heads", found: "\(keyValueHeads)",
        expected:
          "num_attention_heads, \(heads): with \(values.spelling("use_shared_attention_adapter")), keys and values have adapters as wide as those of queries"
      )
    }
    return Architecture.SharedBlock(
      attention: Architecture.Attention(
        heads: heads, keyValueHeads: keyValueHeads, keyHeadSize: headSize, valueHeadSize: headSize,
        // The original divides by the root of half of the head size, as its attention reads two vectors side by
        // side.
        scale: 1 / (Double(headSize) / 2).squareRoot(), biases: [],
        rotary: try values.flag("use_mem_rope")
          ? Architecture.Attention.Rotary(base: try rotaryBase(headSize)) : nil),
      feedForward: .of(
        Architecture.Network(
          intermediateSize: try values.size("intermediate_size", otherwise: 4 * hidden),
          activation: try values.activation("hidden_act"), isGated: true,
          hasBiases: try values.flag("add_bias_linear"))),
      // Blocks beyond the layers that use one are in no file.
      count: min(try values.size("num_mem_blocks"), uses),
      adapters: Architecture.SharedBlock.Adapters(
        rank: try values.size("adapter_rank"), attention: adaptsAttention))
  }

  private func rotaryBase(_ headSize: Int) throws(ConversionError) -> Double {
    let base = try values.rotaryBase()
    guard try values.flag("use_long_context") else { return base }
    guard headSize > 2 else {
      throw .option(
        "use_long_context", found: "true",
        expected: "false, as the heads have only \(headSize) numbers")
    }
    let size = Double(headSize)
    return base * pow(8, size / (size - 2))
  }
}
