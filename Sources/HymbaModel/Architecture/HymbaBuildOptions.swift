/// The options of Edifice's Hymba (`Edifice.SSM.Hymba.build/1`), with Edifice's defaults.
public struct HymbaBuildOptions: Hashable, Sendable {
  public static let defaultHiddenSize = 256
  public static let defaultStateSize = 16
  public static let defaultLayerCount = 4
  public static let defaultHeadCount = 4
  public static let defaultMetaTokenCount = 4
  public static let defaultDropout = 0.0
  public static let defaultWindowSize = 60

  /// Size of the input vectors.
  public var embedDim: Int
  public var hiddenSize: Int
  public var stateSize: Int
  public var numLayers: Int
  public var numHeads: Int
  public var numMetaTokens: Int
  /// The dropout rate, which acts in training only.
  public var dropout: Double
  /// The expected sequence length. Nothing in the network depends on it.
  public var windowSize: Int
  /// Whether the meta tokens are tokens in front of the sequence. Edifice's code gives each layer learned
  /// keys and values instead (false); its documentation describes tokens in front of the sequence (true).
  public var metaTokensArePrepended: Bool

  public init(
    embedDim: Int, hiddenSize: Int = defaultHiddenSize, stateSize: Int = defaultStateSize,
    numLayers: Int = defaultLayerCount, numHeads: Int = defaultHeadCount,
    numMetaTokens: Int = defaultMetaTokenCount, dropout: Double = defaultDropout,
    windowSize: Int = defaultWindowSize, metaTokensArePrepended: Bool = false
  ) {
    self.embedDim = embedDim
    self.hiddenSize = hiddenSize
    self.stateSize = stateSize
    self.numLayers = numLayers
    self.numHeads = numHeads
    self.numMetaTokens = numMetaTokens
    self.dropout = dropout
    self.windowSize = windowSize
    self.metaTokensArePrepended = metaTokensArePrepended
  }

  /// The options that Edifice recommends for training: the defaults with dropout 0.1.
  public static func recommendedDefaults(embedDim: Int) -> Self {
    Self(embedDim: embedDim, dropout: 0.1)
  }

  /// The size of the vector that the model returns for each sequence.
  public var outputSize: Int { hiddenSize }
}

extension Architecture {
  /// The gated Hymba that Edifice builds (`lib/edifice/ssm/hymba.ex`).
  ///
  /// The inner size is 2 * hidden, the convolution width 4, the rank max(inner / 16, 1), and the feed forward
  /// 4 * hidden. The norm is a layer norm with epsilon 1e-5. The time step is clipped to [0.001, 0.1].
  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first option that no model can have.
  public static func hymba(_ options: HymbaBuildOptions) throws(ModelError) -> Architecture {
    let hidden = options.hiddenSize
    try require("embed_dim", options.embedDim)
    try require("hidden_size", hidden)
    try require("state_size", options.stateSize)
    try require("num_layers", options.numLayers, atMost: largestLayerCount)
    try require("num_heads", options.numHeads)
    try require("num_meta_tokens", options.numMetaTokens)
    guard hidden % options.numHeads == 0 else {
      throw .option(
        "hidden_size", found: "\(hidden)", expected: "a multiple of num_heads, \(options.numHeads)")
    }
    let headSize = hidden / options.numHeads
    let inner = 2 * hidden
    let layer = Layer(
      mixer: .parallel(
        attention: Attention(
          heads: options.numHeads, keyValueHeads: options.numHeads, keyHeadSize: headSize,
          valueHeadSize: headSize, biases: Attention.Projection.allCases),
        mamba: .mamba(Mamba(
          innerSize: inner, stateSize: options.stateSize, rank: max(inner / 16, 1), convWidth: 4,
          biases: Mamba.Projection.allCases, decay: .fixed,
          timeStepClip: Mamba.Clip(lower: 0.001, upper: 0.1), inputTimeStep: .channelMean,
          skip: false, innerNorms: .none)),
        fusion: .gated),
      feedForward: .gelu(intermediateSize: 4 * hidden))
    return try Architecture(
      input: .features(size: options.embedDim), hiddenSize: hidden,
      norm: Norm(kind: .layerNorm, epsilon: 1e-5),
      metaTokens: options.metaTokensArePrepended
        ? .prepended(count: options.numMetaTokens) : .keyValue(count: options.numMetaTokens),
      layers: Array(repeating: layer, count: options.numLayers), output: .lastHiddenState)
  }

  /// The gated Hymba that Edifice builds, with Edifice's defaults for the options that are not given.
  /// - Throws: As ``hymba(_:)``.
  public static func hymba(
    embedDim: Int, hiddenSize: Int = HymbaBuildOptions.defaultHiddenSize,
    stateSize: Int = HymbaBuildOptions.defaultStateSize,
    numLayers: Int = HymbaBuildOptions.defaultLayerCount,
    numHeads: Int = HymbaBuildOptions.defaultHeadCount,
    numMetaTokens: Int = HymbaBuildOptions.defaultMetaTokenCount
  ) throws(ModelError) -> Architecture {
    try hymba(
      HymbaBuildOptions(
        embedDim: embedDim, hiddenSize: hiddenSize, stateSize: stateSize, numLayers: numLayers,
        numHeads: numHeads, numMetaTokens: numMetaTokens))
  }

  private static func require(
    _ name: String, _ value: Int, atMost limit: Int = largestSize
  ) throws(ModelError) {
    guard (1...limit).contains(value) else {
      throw .option(name, found: "\(value)", expected: "a whole number from 1 to \(limit)")
    }
  }
}
