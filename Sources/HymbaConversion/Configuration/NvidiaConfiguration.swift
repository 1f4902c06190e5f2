import HymbaFormat
import HymbaModel

/// NVIDIA's `config.json` of a Hymba, read with the defaults of its configuration class
/// (`configuration_hymba.py`): lenient where the original is, strict where a wrong value would compute
/// another model.
struct NvidiaConfiguration: Hashable, Sendable {
  private let values: ConfigurationValues

  /// Whether the document is one. Some declare another model class; the options that only a Hymba has tell.
  static func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("hymba") || document["num_memory_tokens"] != nil
  }

  init(_ document: JSONValue) { self.values = ConfigurationValues(document) }

  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that the original cannot use, or
  ///   that would be another model than is computed here; ``ModelError`` for sizes that do not fit together.
  func architecture() throws -> Architecture {
    let hidden = try values.size("hidden_size", 4096)
    let heads = try values.size("num_attention_heads", 32)
    let layerCount = try values.size(
      "num_hidden_layers", 32, atMost: Architecture.largestLayerCount)
    guard hidden % heads == 0 else {
      throw ConversionError.option(
        "num_attention_heads", found: "\(heads)", expected: "a divisor of hidden_size, \(hidden)")
    }
    let expand = try values.size("mamba_expand", 2)
    let inner = expand * hidden
    guard inner % heads == 0 else {
      throw ConversionError.option(
        "mamba_expand", found: "\(expand)",
        expected: "a width that \(heads) heads divide")
    }
    for (name, derived) in [("attn_hidden_size", -1), ("kq_head_dim", -1)] {
      let value = try values.whole(name, derived)
      guard value == derived else {
        throw ConversionError.option(
          name, found: "\(value)", expected: "-1 (derived); other head sizes are not supported")
      }
    }
    let sharing = try producers(layerCount)
    let global = Set(try values.integers("global_attn_idx") ?? [])
    let window = try values.optionalWhole("sliding_window")
    let projectionBias = try values.flag("mamba_proj_bias", false)
    let headSize = hidden / heads
    let rotary = try self.rotary(headSize: headSize)
    let layers = try (0..<layerCount).map { index in
      let attention = Architecture.Attention(
        heads: heads,
        keyValueHeads: try values.optionalWhole("num_key_value_heads", absent: 8) ?? heads,
        keyHeadSize: headSize, valueHeadSize: inner / heads,
        biases: projectionBias
          ? (sharing[index] == nil ? [.query, .key, .value] : [.query]) : [],
        window: global.contains(index) ? nil : window, keyValueLayer: sharing[index],
        rotary: rotary, queryKeyNorm: try queryKeyNorm())
      return Architecture.Layer(
        mixer: .parallel(
          attention: attention, mamba: try mamba(hidden, inner),
          fusion: .meanOfNorms),
        feedForward: try feedForward())
    }
    let meta = try values.whole("num_memory_tokens", 0)
    let architecture = Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size", 65536)), hiddenSize: hidden,
      norm: .init(kind: .rmsNorm, epsilon: try values.number("rms_norm_eps", 1e-6)),
      metaTokens: meta > 0 ? .prepended(count: meta) : .none, layers: layers,
      output: try values.flag("tie_word_embeddings", false) ? .tiedLogits : .logits)
    try architecture.validate()
    return architecture
  }

  private func mamba(_ hidden: Int, _ inner: Int) throws(ConversionError) -> Architecture.Mamba {
    Architecture.Mamba(
      innerSize: inner, stateSize: try values.whole("mamba_d_state", 16),
      rank: try values.timeStepRank(hiddenSize: hidden),
      convWidth: try values.whole("mamba_d_conv", 4), biases: try values.mambaBiases(),
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true,
      innerNorms: try values.flag("mamba_inner_layernorms", true))
  }

  private func feedForward() throws(ConversionError) -> Architecture.FeedForward {
    let size = try values.whole("intermediate_size", 14336)
    switch values["mlp_hidden_act"] ?? values["hidden_act"] {
    case nil, .null?, .string("silu")?: return .swiGLU(intermediateSize: size)
    case .string("relu2")?: return .reluSquared(intermediateSize: size)
    case let other?:
      throw .option("mlp_hidden_act", found: other.summary, expected: "“silu” or “relu2”")
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
    guard try values.flag("rope", false) else { return nil }
    let theta = try values.number("rope_theta", 10000)
    let original = try values.optionalWhole("orig_max_position_embeddings")
    func requireOriginal() throws(ConversionError) -> Int {
      guard let original, original > 0, headSize > 2 else {
        throw .option(
          "orig_max_position_embeddings",
          found: values["orig_max_position_embeddings"]?.summary ?? "absent",
          expected: "a length, for this rope_type")
      }
      return original
    }
    switch values["rope_type"] {
    case nil, .null?, .string("default")?: return .init(base: theta)
    case .string("dynamic_ntk")?: return .init(base: theta, dynamicFrom: try requireOriginal())
    case .string("ntk")?:
      let factor =
        Double(try values.whole("max_position_embeddings", 262144)) / Double(try requireOriginal())
      return .init(
        base: Architecture.Attention.Rotary.scaled(theta, by: factor, headSize: headSize))
    case let other?:
      throw .option(
        "rope_type", found: other.summary, expected: "“default”, “ntk” or “dynamic_ntk”")
    }
  }

  /// The layer whose keys and values each layer uses, from the groups [producer, consumer, …].
  private func producers(_ layerCount: Int) throws(ConversionError) -> [Int: Int] {
    guard let groups = values["kv_reuse_group"], groups != .null else { return [:] }
    func invalid() -> ConversionError {
      .option("kv_reuse_group", found: groups.summary, expected: "lists of ascending layer numbers")
    }
    guard case .array(let lists) = groups else { throw invalid() }
    var sharing: [Int: Int] = [:]
    for list in lists {
      guard case .array(let elements) = list else { throw invalid() }
      var layers: [Int] = []
      for element in elements {
        guard case .integer(let layer) = element, (0..<layerCount).contains(layer),
          layer > layers.last ?? -1, sharing[layer] == nil
        else { throw invalid() }
        layers.append(layer)
      }
      for consumer in layers.dropFirst() { sharing[consumer] = layers[0] }
    }
    return sharing
  }
}
