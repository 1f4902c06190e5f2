import HymbaFormat
import HymbaModel

/// Zyphra's `config.json` of a Zamba of the first version, read with the defaults of its configuration class
/// (`configuration_zamba.py` of transformers), which are those of Zamba-7B-v1.
struct ZambaConfiguration: Sendable {
  let values: ConfigurationValues

  static func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("zamba")
      || document["model_type"] == nil && document["n_mamba_heads"] != nil
  }

  init(_ document: JSONValue) { self.values = ConfigurationValues(document, .zamba) }

  /// - Parameter hasHead: Whether the checkpoint has a head, where its tensors tell.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that the original cannot use, or
  ///   that would be another model than is computed here.
  func architecture(hasHead: Bool? = nil) throws -> Architecture {
    try values.architecture { try read(hasHead) }
  }

  private func read(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size", 3712)
    let mamba = try mamba(hidden)
    let layers = try hybrids().map { isHybrid in
      Architecture.Layer(
        mixer: isHybrid ? .sharedThenMamba(mamba: mamba) : .mamba(mamba: mamba), feedForward: .none)
    }
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size", 32000)), hiddenSize: hidden,
      norm: .init(kind: .rmsNorm, epsilon: try values.number("rms_norm_eps", 1e-5)),
      metaTokens: .none, layers: layers,
      sharedBlock: layers.contains(where: \.usesSharedBlock) ? try sharedBlock(hidden) : nil,
      output: try values.output(hasHead: hasHead, isTied: true))
  }

  /// For each layer whether it applies the shared block.
  private func hybrids() throws(ConversionError) -> [Bool] {
    let count = try values.size("num_hidden_layers", 76, atMost: Architecture.largestLayerCount)
    let listed = try values.layerKinds(
      ["layers_block_type", "layer_types"], count: count,
      // The second word is that of version 5 of transformers.
      ["mamba": false, "linear_attention": false, "hybrid": true])
    if let listed { return listed }
    let period = try values.size("attn_layer_period", 6)
    let offset = try values.whole("attn_layer_offset", 4)
    return (0..<count).map { $0 < 3 ? $0 == 2 : ($0 - 3) % period == offset }
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba {
    let inner = try values.size("mamba_expand", 2) * hidden
    let heads = try values.size("n_mamba_heads", 2)
    let activation = try values.activation("hidden_mamba_act", .silu)
    guard inner % heads == 0 else {
      throw .option(
        "n_mamba_heads", found: "\(heads)",
        expected: "a divisor of mamba_expand * hidden_size, \(inner)")
    }
    return Architecture.Mamba(
      innerSize: inner, heads: heads, stateSize: try values.whole("mamba_d_state", 16),
      rank: try values.timeStepRank(hiddenSize: hidden),
      convWidth: try values.whole("mamba_d_conv", 4), biases: try values.mambaBiases(),
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true, innerNorms: false,
      activation: activation == .silu ? nil : activation)
  }

  private func sharedBlock(_ hidden: Int) throws(ConversionError) -> Architecture.SharedBlock {
    let width = try values.optionalWhole("attention_hidden_size") ?? 2 * hidden
    guard width == 2 * hidden else {
      throw .option(
        "attention_hidden_size", found: "\(width)",
        expected: "2 * hidden_size, \(2 * hidden): the stream beside the embedding")
    }
    let heads = try values.size("num_attention_heads", 16)
    let headSize = try values.size("attention_head_dim", max(1, 2 * hidden / heads))
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
        keyValueHeads: try values.optionalWhole("num_key_value_heads", absent: 16) ?? heads,
        keyHeadSize: headSize, valueHeadSize: headSize,
        // As if each of the two halves that are read had its own scores.
        scale: 1 / (Double(headSize) / 2).squareRoot(), biases: []),
      feedForward: .gatedUnit(
        try values.activation("hidden_act", .gelu), try values.size("intermediate_size", 14848)))
  }
}
