import HymbaFormat
import HymbaModel

/// NVIDIA's `config.json` of a Hymba, read with the defaults of its configuration class
/// (`configuration_hymba.py`): lenient where the original is, strict where a wrong value would compute
/// another model.
struct NvidiaConfiguration: Sendable {
  let values: ConfigurationValues

  /// Whether the document is one. Some declare another model class; the options that only a Hymba has tell.
  static func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("hymba") || document["num_memory_tokens"] != nil
  }

  init(_ document: JSONValue) { self.values = ConfigurationValues(document, .nvidia) }

  /// - Parameter hasHead: Whether the checkpoint has a head, where its tensors tell.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that the original cannot use, or
  ///   that would be another model than is computed here.
  func architecture(hasHead: Bool? = nil) throws -> Architecture {
    try values.architecture { try read(hasHead) }
  }

  private func read(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size", 4096)
    let layerCount = try values.size(
      "num_hidden_layers", 32, atMost: Architecture.largestLayerCount)
    let inner = try innerSize(hidden)
    let meta = try values.whole("num_memory_tokens", 0)
    let attentions = try attentions(layerCount, hidden: hidden, inner: inner)
    try requireComputed(attentions, metaTokens: meta)
    let mamba = try mamba(hidden, inner)
    let feedForward = try feedForward()
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size", 65536)), hiddenSize: hidden,
      norm: .init(kind: .rmsNorm, epsilon: try values.number("rms_norm_eps", 1e-6)),
      metaTokens: meta > 0 ? .prepended(count: meta) : .none,
      layers: attentions.map { attention in
        Architecture.Layer(
          mixer: .parallel(attention: attention, mamba: mamba, fusion: .meanOfNorms),
          feedForward: feedForward)
      },
      output: try values.output(hasHead: hasHead, isTied: false))
  }

  /// `mamba_expand`, of which the original takes fractions, times the hidden size.
  private func innerSize(_ hidden: Int) throws(ConversionError) -> Int {
    let expand = try values.number("mamba_expand", 2)
    let inner = (expand * Double(hidden)).rounded(.towardZero)
    guard inner >= 1, inner <= Double(Architecture.largestSize) else {
      throw .option(
        "mamba_expand", found: "\(values["mamba_expand"]?.summary ?? "2")",
        expected:
          "a factor with which hidden_size, \(hidden), becomes a whole number from 1 to \(Architecture.largestSize)"
      )
    }
    return Int(inner)
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
    // The original builds one only then.
    guard size > 0 else { return .none }
    switch values["mlp_hidden_act"] {
    case nil, .null?, .string("silu")?: return .swiGLU(intermediateSize: size)
    case .string("relu2")?: return .reluSquared(intermediateSize: size)
    case let other?:
      throw .option("mlp_hidden_act", found: other.summary, expected: "“silu” or “relu2”")
    }
  }

  /// Refuses the forms of attention that see something else than is computed here.
  private func requireComputed(
    _ attentions: [Architecture.Attention], metaTokens: Int
  ) throws(ConversionError) {
    guard metaTokens > 0 else {
      return try requireImplementation(hidesMetaTokens: false)
    }
    let every = try values.whole("memory_tokens_interspersed_every", 0)
    guard every <= 0 else {
      throw .option(
        "memory_tokens_interspersed_every", found: "\(every)",
        expected:
          "0: meta tokens between the tokens, as \(every) gives them, are not computed here, only those in front"
      )
    }
    try requireImplementation(hidesMetaTokens: attentions.contains { $0.window != nil })
  }

  /// - Parameter hidesMetaTokens: Whether flash attention, which knows a window and no meta tokens, would not see
  ///   meta tokens that the other implementations see.
  private func requireImplementation(hidesMetaTokens: Bool) throws(ConversionError) {
    let name = "attn_implementation_new"
    switch values[name] {
    case nil, .null?, .string("sdpa")?, .string("flex")?: return
    case .string("flash_attention_2")?:
      guard hidesMetaTokens else { return }
      throw .option(
        name, found: "“flash_attention_2”",
        expected:
          "“flex”: with num_memory_tokens and a sliding_window, flash attention does not see the meta tokens beyond the window, which is another model"
      )
    case let other?:
      throw .option(
        name, found: other.summary, expected: "“flex”, “sdpa” or “flash_attention_2”")
    }
  }
}
