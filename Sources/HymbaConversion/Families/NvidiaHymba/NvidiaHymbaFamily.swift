import HymbaFormat
import HymbaModel

/// NVIDIA's Hymba, as in its `configuration_hymba.py` and `modeling_hymba.py`.
///
/// Reading is lenient where the original is lenient, and strict where a wrong value would give another model.
struct NvidiaHymbaFamily: HuggingFaceFamily {
  let name = "nvidia-hymba"
  let modelName = "Hymba"
  let modelTitle = "a Hymba of NVIDIA's"
  let title = "a config.json of NVIDIA's Hymba"
  var layouts: [[UInt8]] { [PackageResources.nvidia_hymba_json] }
  let options = OptionTable.nvidiaHymba

  let parts = [
    CheckpointKind(
      marks: ["mamba.x_proj.0.", "x_proj.0.weight"],
      "a single block as NVIDIA's barebones_hymba builds it, or a part of a Hymba: a whole model has model.embed_tokens.weight too"
    )
  ]

  /// Whether the document is of a Hymba. Some files declare another model class, so an option that only a Hymba
  /// has is enough.
  func recognises(_ document: JSONValue) -> Bool {
    document["model_type"] == .string("hymba") || document["num_memory_tokens"] != nil
  }

  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture {
    try NvidiaHymbaReading(values: values).architecture(hasHead)
  }
}

/// Reads the architecture from a `config.json` of a Hymba.
struct NvidiaHymbaReading {
  let values: OptionValues

  func architecture(_ hasHead: Bool?) throws -> Architecture {
    let hidden = try values.size("hidden_size")
    let layerCount = try values.size("num_hidden_layers")
    let inner = try values.innerSize("mamba_expand", hiddenSize: hidden)
    let meta = try values.whole("num_memory_tokens")
    let attentions = try attentions(layerCount, hidden: hidden, inner: inner)
    try requireComputed(attentions, metaTokens: meta)
    let mamba = try mamba(hidden, inner)
    let feedForward = try feedForward()
    return try Architecture(
      input: .tokens(vocabularySize: try values.whole("vocab_size")), hiddenSize: hidden,
      norm: try values.rmsNorm(),
      metaTokens: meta > 0 ? .prepended(count: meta) : .none,
      layers: attentions.map { attention in
        Architecture.Layer(
          mixer: .parallel(attention: attention, mamba: .mamba(mamba), fusion: .meanOfNorms),
          feedForward: feedForward)
      },
      output: try values.output(hasHead: hasHead))
  }

  private func mamba(_ hidden: Int, _ inner: Int) throws(ConversionError) -> Architecture.Mamba {
    Architecture.Mamba(
      innerSize: inner, stateSize: try values.whole("mamba_d_state"),
      rank: try values.timeStepRank(hiddenSize: hidden),
      convWidth: try values.whole("mamba_d_conv"), biases: try values.mambaBiases(),
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true,
      innerNorms: try values.flag("mamba_inner_layernorms") ? .weighted : .none)
  }

  private func feedForward() throws(ConversionError) -> Architecture.FeedForward {
    let size = try values.whole("intermediate_size")
    // The original builds no feed forward for a size of 0 or less.
    guard size > 0 else { return .none }
    switch values["mlp_hidden_act"] {
    case nil, .null?, .string("silu")?: return .swiGLU(intermediateSize: size)
    case .string("relu2")?: return .reluSquared(intermediateSize: size)
    case let other?:
      throw .option("mlp_hidden_act", found: other.summary, expected: "“silu” or “relu2”")
    }
  }

  /// Refuses the options with which the attention of the original sees other tokens than the one computed here.
  /// - Throws: ``ConversionError/option(_:found:expected:)``.
  private func requireComputed(
    _ attentions: [Architecture.Attention], metaTokens: Int
  ) throws(ConversionError) {
    guard metaTokens > 0 else {
      return try requireImplementation(hidesMetaTokens: false)
    }
    let every = try values.whole("memory_tokens_interspersed_every")
    guard every <= 0 else {
      throw .option(
        "memory_tokens_interspersed_every", found: "\(every)",
        expected:
          "0: meta tokens between the tokens, as \(every) gives them, are not computed here, only those in front"
      )
    }
    try requireImplementation(hidesMetaTokens: attentions.contains { $0.window != nil })
  }

  /// Refuses an implementation of attention that would compute another model.
  ///
  /// - Parameter hidesMetaTokens: Whether flash attention would not see meta tokens that the other
  ///   implementations see. It keeps to the window for every token, so this is so where a layer has a window.
  /// - Throws: ``ConversionError/option(_:found:expected:)``.
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
