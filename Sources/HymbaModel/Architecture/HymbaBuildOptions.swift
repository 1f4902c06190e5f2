/// The options from which Edifice builds a Hymba (`Edifice.SSM.Hymba.build/1`), with its defaults.
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
  /// Acts in training only.
  public var dropout: Double
  /// The expected sequence length; nothing in the network depends on it.
  public var windowSize: Int
  /// Where the meta tokens are: Edifice gives each layer its own keys and values. The other form, which
  /// Edifice's documentation describes, puts learned tokens in front of the sequence.
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

  /// What Edifice recommends for training: the defaults with dropout 0.1.
  public static func recommendedDefaults(embedDim: Int) -> Self {
    Self(embedDim: embedDim, dropout: 0.1)
  }

  /// Size of the vector that the model returns for each sequence.
  public var outputSize: Int { hiddenSize }
}

extension Architecture {
  /// The gated Hymba that Edifice builds (`lib/edifice/ssm/hymba.ex`).
  ///
  /// Inner size 2 * hidden, convolution width 4, rank max(inner / 16, 1), feed forward 4 * hidden, layer
  /// norm with epsilon 1e-5, time step clipped to [0.001, 0.1].
  /// - Throws: ``ModelError/option(_:found:expected:)``.
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
        mamba: Mamba(
          innerSize: inner, stateSize: options.stateSize, rank: max(inner / 16, 1), convWidth: 4,
          biases: Mamba.Projection.allCases, decay: .fixed,
          timeStepClip: Mamba.Clip(lower: 0.001, upper: 0.1), inputTimeStep: .channelMean,
          skip: false, innerNorms: false),
        fusion: .gated),
      feedForward: .gelu(intermediateSize: 4 * hidden))
    return try Architecture(
      input: .features(size: options.embedDim), hiddenSize: hidden,
      norm: Norm(kind: .layerNorm, epsilon: 1e-5),
      metaTokens: options.metaTokensArePrepended
        ? .prepended(count: options.numMetaTokens) : .keyValue(count: options.numMetaTokens),
      layers: Array(repeating: layer, count: options.numLayers), output: .lastHiddenState)
  }

  /// The same, with Edifice's defaults for what is not given.
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
