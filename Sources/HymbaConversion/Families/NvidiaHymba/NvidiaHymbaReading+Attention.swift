import HymbaFormat
import HymbaModel

extension NvidiaHymbaReading {
  /// The attention of each layer, in order.
  ///
  /// - Parameters:
  ///   - hidden: The hidden size.
  ///   - inner: The inner size of the Mamba. A value head has `inner` / `num_attention_heads` channels.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for values that the original cannot use.
  func attentions(
    _ layerCount: Int, hidden: Int, inner: Int
  ) throws(ConversionError) -> [Architecture.Attention] {
    let heads = try values.size("num_attention_heads")
    guard hidden % heads == 0 else {
      throw .option(
        "num_attention_heads", found: "\(heads)", expected: "a divisor of hidden_size, \(hidden)")
    }
    guard inner % heads == 0 else {
      throw .option(
        "mamba_expand", found: values["mamba_expand"]?.summary ?? "2",
        expected: "a width that \(heads) heads divide")
    }
    let headSize = hidden / heads
    try requireDerived("attn_hidden_size", hidden, "hidden_size")
    try requireDerived("kq_head_dim", headSize, "hidden_size / num_attention_heads")
    let sharing = try KeyValueGroups(values, layerCount: layerCount).producers
    let global = Set(try values.integers("global_attn_idx") ?? [])
    let window = try values.optionalWhole("sliding_window")
    let hasBias = try values.flag("mamba_proj_bias")
    let keyValueHeads = try values.optionalWhole("num_key_value_heads") ?? heads
    try requireExact(keyValueHeads: keyValueHeads, heads: heads, hidden: hidden, inner: inner)
    let rotary = try rotary(headSize: headSize)
    let queryKeyNorm = try queryKeyNorm()
    return (0..<layerCount).map { index in
      let own: [Architecture.Attention.Projection] =
        sharing[index] == nil ? [.query, .key, .value] : [.query]
      return Architecture.Attention(
        heads: heads, keyValueHeads: keyValueHeads, keyHeadSize: headSize,
        valueHeadSize: inner / heads, biases: hasBias ? own : [],
        window: global.contains(index) ? nil : window, keyValueLayer: sharing[index],
        rotary: rotary, queryKeyNorm: queryKeyNorm)
    }
  }

  /// Refuses a size other than the one that the original derives. The original derives it where the option is
  /// not positive, and works with no other size.
  private func requireDerived(
    _ name: String, _ derived: Int, _ formula: String
  ) throws(ConversionError) {
    let value = try values.whole(name)
    guard value <= 0 || value == derived else {
      throw .option(name, found: "\(value)", expected: "-1, or \(formula), \(derived)")
    }
  }

  /// Refuses a number of key and value heads for which the original gets a wrong width. The original computes
  /// the widths of keys and values with fractions and rounds them down: 1 / 49 * 49 is 0 there.
  private func requireExact(
    keyValueHeads: Int, heads: Int, hidden: Int, inner: Int
  ) throws(ConversionError) {
    // Numbers of heads that do not divide each other are refused later, when the architecture is checked.
    guard keyValueHeads > 0, heads % keyValueHeads == 0 else { return }
    let keys = Double(keyValueHeads) / Double(heads) * Double(hidden)
    let factor = try values.number("mamba_expand")
    guard keys.rounded(.towardZero) == Double(keyValueHeads * (hidden / heads)),
      (keys * factor).rounded(.towardZero) == Double(keyValueHeads * (inner / heads))
    else {
      throw .option(
        "num_key_value_heads", found: "\(keyValueHeads)",
        expected:
          "another number: the original rounds num_key_value_heads / num_attention_heads * hidden_size, with \(keyValueHeads) / \(heads) * \(hidden), to fewer channels than its heads have, and cannot compute such a model"
      )
    }
  }

  private func queryKeyNorm() throws(ConversionError) -> Architecture.Attention.QueryKeyNorm? {
    switch values["kq_norm"] {
    case nil, .null?, .string("none")?: return nil
    case .string("rms")?: return .shared
    case .string("perhead-rms")?: return .perHead
    case let other?:
      throw .option("kq_norm", found: other.summary, expected: "“none”, “rms” or “perhead-rms”")
    }
  }

  private func rotary(headSize: Int) throws(ConversionError) -> Architecture.Attention.Rotary? {
    guard try values.flag("rope") else { return nil }
    let theta = try values.number("rope_theta")
    switch values["rope_type"] {
    case nil, .null?, .string("default")?: return .init(base: theta)
    case .string("dynamic_ntk")?:
      return .init(base: theta, dynamicFrom: try scaledFrom("dynamic_ntk", headSize: headSize))
    case .string("ntk")?:
      let original = try scaledFrom("ntk", headSize: headSize)
      let longest = try values.whole("max_position_embeddings")
      let factor = Double(longest) / Double(original)
      guard factor > 0.5 else {
        throw .option(
          "max_position_embeddings", found: "\(longest)",
          expected:
            "more than half of orig_max_position_embeddings, \(original), for this rope_type")
      }
      return .init(
        base: Architecture.Attention.Rotary.scaled(theta, by: factor, headSize: headSize))
    case let other?:
      throw .option(
        "rope_type", found: other.summary, expected: "“default”, “ntk” or “dynamic_ntk”")
    }
  }

  /// The length, in tokens, from which the rotary base is scaled: `orig_max_position_embeddings`.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where it is missing or not positive, and for heads
  ///   that are too small.
  private func scaledFrom(_ type: String, headSize: Int) throws(ConversionError) -> Int {
    guard headSize > 2 else {
      throw .option(
        "hidden_size / num_attention_heads", found: "\(headSize)",
        expected:
          "heads of 4 or more with the rope_type “\(type)”: its base has the exponent d / (d - 2)")
    }
    let name = "orig_max_position_embeddings"
    guard let original = try values.optionalWhole(name), original > 0 else {
      throw .option(
        name, found: values[name]?.summary ?? "absent",
        expected: "a length, for the rope_type “\(type)”")
    }
    return original
  }
}
