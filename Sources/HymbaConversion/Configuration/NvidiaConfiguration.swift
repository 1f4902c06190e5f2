import HymbaFormat
import HymbaModel

/// NVIDIA's `config.json` of a Hymba, read with the defaults of its configuration class
/// (`configuration_hymba.py`): lenient where the original is, strict where a wrong value would compute
/// another model.
struct NvidiaConfiguration: Hashable, Sendable {
  private let document: JSONValue

  /// Whether the document is one. Some declare another model class; the options that only a Hymba has tell.
  static func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("hymba") || document["num_memory_tokens"] != nil
  }

  init(_ document: JSONValue) { self.document = document }

  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that the original cannot use, or
  ///   that would be another model than is computed here; ``ModelError`` for sizes that do not fit together.
  func architecture() throws -> Architecture {
    let hidden = try whole("hidden_size", 4096)
    let heads = try whole("num_attention_heads", 32)
    let layerCount = try whole("num_hidden_layers", 32)
    guard (1...(1 << 24)).contains(heads), hidden % heads == 0 else {
      throw ConversionError.option(
        "num_attention_heads", found: "\(heads)", expected: "a divisor of hidden_size, \(hidden)")
    }
    guard (1...4096).contains(layerCount) else {
      throw ConversionError.option(
        "num_hidden_layers", found: "\(layerCount)", expected: "1 to 4096")
    }
    let inner = try product(whole("mamba_expand", 2), hidden, "mamba_expand")
    guard inner % heads == 0 else {
      throw ConversionError.option(
        "mamba_expand", found: "\(inner / max(1, hidden))",
        expected: "a width that \(heads) heads divide")
    }
    for (name, derived) in [("attn_hidden_size", -1), ("kq_head_dim", -1)] {
      let value = try whole(name, derived)
      guard value == derived else {
        throw ConversionError.option(
          name, found: "\(value)", expected: "-1 (derived); other head sizes are not supported")
      }
    }
    let sharing = try producers(layerCount)
    let global = Set(try integers("global_attn_idx") ?? [])
    let window = try optionalWhole("sliding_window")
    let projectionBias = try flag("mamba_proj_bias", false)
    let headSize = hidden / heads
    let rotary = try self.rotary(headSize: headSize)
    let layers = try (0..<layerCount).map { index in
      let attention = Architecture.Attention(
        heads: heads, keyValueHeads: try optionalWhole("num_key_value_heads", absent: 8) ?? heads,
        keyHeadSize: headSize, valueHeadSize: inner / heads,
        biases: projectionBias
          ? (sharing[index] == nil ? [.query, .key, .value] : [.query]) : [],
        window: global.contains(index) ? nil : window, keyValueLayer: sharing[index],
        rotary: rotary, queryKeyNorm: try queryKeyNorm())
      return Architecture.Layer(
        mixer: .parallel(
          attention: attention, mamba: try mamba(hidden, inner, projectionBias),
          fusion: .meanOfNorms),
        feedForward: try feedForward())
    }
    let meta = try whole("num_memory_tokens", 0)
    let architecture = Architecture(
      input: .tokens(vocabularySize: try whole("vocab_size", 65536)), hiddenSize: hidden,
      norm: .init(kind: .rmsNorm, epsilon: try number("rms_norm_eps", 1e-6)),
      metaTokens: meta > 0 ? .prepended(count: meta) : .none, layers: layers,
      output: try flag("tie_word_embeddings", false) ? .tiedLogits : .logits)
    try architecture.validate()
    return architecture
  }

  private func mamba(
    _ hidden: Int, _ inner: Int, _ projectionBias: Bool
  ) throws(ConversionError) -> Architecture.Mamba {
    var biases: [Architecture.Mamba.Projection] = [.timeStep]
    if try flag("mamba_conv_bias", true) { biases.append(.convolution) }
    if projectionBias { biases += [.input, .output] }
    let rank =
      document["mamba_dt_rank"] == .string("auto")
      ? (hidden + 15) / 16 : try whole("mamba_dt_rank", (hidden + 15) / 16)
    return Architecture.Mamba(
      innerSize: inner, stateSize: try whole("mamba_d_state", 16), rank: rank,
      convWidth: try whole("mamba_d_conv", 4), biases: biases.sorted { $0.rawValue < $1.rawValue },
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true,
      innerNorms: try flag("mamba_inner_layernorms", true))
  }

  private func feedForward() throws(ConversionError) -> Architecture.FeedForward {
    let size = try whole("intermediate_size", 14336)
    switch document["mlp_hidden_act"] ?? document["hidden_act"] {
    case nil, .null?, .string("silu")?: return .swiGLU(intermediateSize: size)
    case .string("relu2")?: return .reluSquared(intermediateSize: size)
    case let other?:
      throw .option("mlp_hidden_act", found: other.summary, expected: "“silu” or “relu2”")
    }
  }

  private func queryKeyNorm() throws(ConversionError) -> Architecture.Attention.QueryKeyNorm? {
    switch document["kq_norm"] {
    case nil, .null?, .string("none")?: return nil
    case .string("rms")?: return .shared
    case .string("perhead-rms")?: return .perHead
    case let other?:
      throw .option("kq_norm", found: other.summary, expected: "“none”, “rms” or “perhead-rms”")
    }
  }

  private func rotary(headSize: Int) throws(ConversionError) -> Architecture.Attention.Rotary? {
    guard try flag("rope", false) else { return nil }
    let theta = try number("rope_theta", 10000)
    let original = try optionalWhole("orig_max_position_embeddings")
    func requireOriginal() throws(ConversionError) -> Int {
      guard let original, original > 0, headSize > 2 else {
        throw .option(
          "orig_max_position_embeddings",
          found: document["orig_max_position_embeddings"]?.summary ?? "absent",
          expected: "a length, for this rope_type")
      }
      return original
    }
    switch document["rope_type"] {
    case nil, .null?, .string("default")?: return .init(base: theta)
    case .string("dynamic_ntk")?: return .init(base: theta, dynamicFrom: try requireOriginal())
    case .string("ntk")?:
      let factor =
        Double(try whole("max_position_embeddings", 262144)) / Double(try requireOriginal())
      return .init(
        base: Architecture.Attention.Rotary.scaled(theta, by: factor, headSize: headSize))
    case let other?:
      throw .option(
        "rope_type", found: other.summary, expected: "“default”, “ntk” or “dynamic_ntk”")
    }
  }

  /// The layer whose keys and values each layer uses, from the groups [producer, consumer, …].
  private func producers(_ layerCount: Int) throws(ConversionError) -> [Int: Int] {
    guard let groups = document["kv_reuse_group"], groups != .null else { return [:] }
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

extension NvidiaConfiguration {
  private func whole(_ name: String, _ absent: Int) throws(ConversionError) -> Int {
    try optionalWhole(name, absent: absent) ?? absent
  }

  /// Nil when the value is null, or absent without a default.
  private func optionalWhole(_ name: String, absent: Int? = nil) throws(ConversionError) -> Int? {
    switch document[name] {
    case nil: return absent
    case .null?: return nil
    case .integer(let value)?: return value
    case let other?: throw .option(name, found: other.summary, expected: "a whole number")
    }
  }

  private func number(_ name: String, _ absent: Double) throws(ConversionError) -> Double {
    switch document[name] {
    case nil, .null?: return absent
    case .integer(let value)?: return Double(value)
    case .number(let value)?: return value
    case let other?: throw .option(name, found: other.summary, expected: "a number")
    }
  }

  private func flag(_ name: String, _ absent: Bool) throws(ConversionError) -> Bool {
    switch document[name] {
    case nil, .null?: return absent
    case .bool(let value)?: return value
    case let other?: throw .option(name, found: other.summary, expected: "true or false")
    }
  }

  private func integers(_ name: String) throws(ConversionError) -> [Int]? {
    guard let value = document[name], value != .null else { return nil }
    func invalid() -> ConversionError {
      .option(name, found: value.summary, expected: "a list of whole numbers")
    }
    guard case .array(let elements) = value else { throw invalid() }
    return try elements.map { element throws(ConversionError) in
      guard case .integer(let number) = element else { throw invalid() }
      return number
    }
  }

  private func product(_ a: Int, _ b: Int, _ name: String) throws(ConversionError) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    guard !overflow, product > 0 else {
      throw .option(name, found: "\(a)", expected: "a small positive number")
    }
    return product
  }
}
