/// The description of a hybrid Mamba + attention model. The parameter inventory and the forward pass both
/// follow from this one value. Creating one checks it, so every value describes a possible model.
///
/// Each container's manifest keeps its JSON form (see `Schemas/architecture.schema.json`), and each tool
/// accepts that form with `--config`.
public struct Architecture: Hashable, Sendable {
  public let input: Input
  /// Width of the residual stream.
  public let hiddenSize: Int
  /// The kind of the norms before each part of a layer, in the shared block and after the last layer.
  public let norm: Norm
  public let metaTokens: MetaTokens
  public let layers: [Layer]
  /// The transformer block, or several of one shape, that some layers apply before their own mixer; nil when
  /// none does.
  public let sharedBlock: SharedBlock?
  public let output: Output
  /// Factors of the embedding, of what the layers add, and of the logits.
  public let multipliers: Multipliers

  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  public init(
    input: Input, hiddenSize: Int, norm: Norm, metaTokens: MetaTokens, layers: [Layer],
    sharedBlock: SharedBlock? = nil, output: Output, multipliers: Multipliers = Multipliers()
  ) throws(ModelError) {
    self.input = input
    self.hiddenSize = hiddenSize
    self.norm = norm
    self.metaTokens = metaTokens
    self.layers = layers
    self.sharedBlock = sharedBlock
    self.output = output
    self.multipliers = multipliers
    try validate()
  }

  /// The attention that a layer applies, its own or the shared block's.
  func attention(in layer: Layer) -> Attention? {
    layer.attention ?? (layer.usesSharedBlock ? sharedBlock?.attention : nil)
  }

  public enum Input: Hashable, Sendable, Codable {
    /// Vectors of this size. They are projected to the hidden size unless they have that size already.
    case features(size: Int)
    /// Token ids below this number, each with its own learned vector.
    case tokens(vocabularySize: Int)
  }

  public struct Norm: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
      /// The mean is removed, then the row is divided by the population standard deviation. Has a weight and
      /// a bias.
      case layerNorm
      /// The row is divided by the root of its mean square. Has a weight only.
      case rmsNorm
    }
    public var kind: Kind
    public var epsilon: Double

    public init(kind: Kind, epsilon: Double) {
      self.kind = kind
      self.epsilon = epsilon
    }
  }

  /// Learned tokens that every position may attend to.
  public enum MetaTokens: Hashable, Sendable, Codable {
    case none
    /// Learned keys and values in front of each layer's own, as Edifice builds them.
    case keyValue(count: Int)
    /// Learned tokens in front of the sequence, which pass through every layer, as in the paper (arXiv
    /// 2411.13676, section 2.2).
    case prepended(count: Int)

    /// The number of learned keys and values in front of each layer's own; 0 for the other kinds.
    public var keyValueCount: Int { if case .keyValue(let count) = self { count } else { 0 } }
    /// The number of learned positions in front of the sequence; 0 for the other kinds.
    public var prependedCount: Int { if case .prepended(let count) = self { count } else { 0 } }
  }

  public enum Output: String, Sendable, Codable {
    /// The hidden state of the last position after the final norm.
    case lastHiddenState
    /// The hidden state of every position after the final norm: a model without a head.
    case hiddenStates
    /// A score for each token of the vocabulary at every position, from an output head with its own weights.
    case logits
    /// As ``logits``, with the token embedding as the weights of the head.
    case tiedLogits

    public var isLogits: Bool { self == .logits || self == .tiedLogits }
  }

  /// The dimensions of the model's result for sequences of `length` positions, meta tokens not counted.
  public func outputDimensions(batch: Int, length: Int) -> [Int] {
    switch output {
    case .lastHiddenState: [batch, hiddenSize]
    case .hiddenStates: [batch, length, hiddenSize]
    case .logits, .tiedLogits: [batch, length, input.size]
    }
  }
}
