import HymbaFormat
import HymbaModel

/// Bamba of IBM, Princeton, CMU and UIUC, as in `configuration_bamba.py` and `modeling_bamba.py` of
/// transformers.
struct BambaFamily: HuggingFaceFamily {
  let name = "bamba"
  let modelName = "Bamba"
  let modelTitle = "a Bamba"
  let title = "a config.json of a Bamba"
  var layouts: [[UInt8]] { [PackageResources.hf_bamba_json, PackageResources.gguf_bamba_json] }
  let options = OptionTable.bamba

  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("bamba")
      || document["model_type"] == nil
        && (document["attn_rotary_emb"] != nil || document["z_loss_coefficient"] != nil)
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try BambaReading(values: values).architecture(hasHead)
  }
}

/// Reads the architecture from a `config.json` of a Bamba.
private struct BambaReading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let attends = try attends()
    // Kinds of layers that a model does not have need no options.
    let attention = attends.contains(true) ? try attention(hidden) : nil
    let mamba = attends.contains(false) ? try mamba(hidden) : nil
    let feedForward = Architecture.FeedForward.of(
      Architecture.Network(
        intermediateSize: try values.size("intermediate_size"), activation: .silu, isGated: true,
        hasBiases: try values.flag("mlp_bias")))
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm(), metaTokens: .none,
      layers: attends.map {
        Architecture.Layer(
          attends: $0, attention: attention, mamba: mamba, feedForward: feedForward)
      },
      output: try values.output(hasHead: hasHead))
  }

  /// For each layer, whether its mixer is attention. Without a list of those, all are Mamba-2.
  private func attends() throws(ConversionError) -> [Bool] {
    let count = try values.size("num_hidden_layers")
    let indices = try values.integers("attn_layer_indices") ?? []
    if let other = indices.first(where: { !(0..<count).contains($0) }) {
      throw .option(
        "attn_layer_indices", found: "a list with \(other)",
        expected: "layers from 0 to \(count - 1), as num_hidden_layers is \(count)")
    }
    let attends = (0..<count).map(Set(indices).contains)
    // The class computes this list, so a file that has one has to say the same.
    let listed = try values.layerKinds(
      ["layers_block_type", "layer_types"], count: count,
      ["mamba": false, "linear_attention": false, "attention": true, "full_attention": true])
    if let listed, let layer = attends.indices.first(where: { listed[$0] != attends[$0] }) {
      throw .option(
        "\(values.has("layers_block_type") ? "layers_block_type" : "layer_types") of layer \(layer)",
        found: listed[layer] ? "attention" : "Mamba", expected: "what attn_layer_indices says of it"
      )
    }
    return attends
  }

  private func attention(_ hidden: Int) throws(ConversionError) -> Architecture.Attention {
    let heads = try values.size("num_attention_heads")
    let headSize = try values.headSize(hiddenSize: hidden, heads: heads)
    let rotated = headSize / 2
    guard rotated > 0, rotated % 2 == 0 else {
      throw .option(
        values.has("head_dim") ? "head_dim" : "hidden_size / num_attention_heads",
        found: "\(headSize)", expected: "a size of which half, rounded down, is even")
    }
    if let given = try values.optionalWhole("attn_rotary_emb"), given != rotated {
      throw .option(
        "attn_rotary_emb", found: "\(given)",
        expected: "\(rotated): the original rotates half of each head")
    }
    return Architecture.Attention(
      heads: heads, keyValueHeads: try values.optionalWhole("num_key_value_heads") ?? heads,
      keyHeadSize: headSize, valueHeadSize: headSize, biases: try values.attentionBiases(),
      rotary: Architecture.Attention.Rotary(
        base: try values.rotaryBase(part: 0.5), size: rotated))
  }

  private func mamba(_ hidden: Int) throws(ConversionError) -> Architecture.Mamba2 {
    try values.mamba2(
      innerSize: values.size("mamba_expand") * hidden, from: "mamba_expand * hidden_size",
      gatedNorm: .init(order: .afterGate, epsilon: values.number("rms_norm_eps")))
  }
}
