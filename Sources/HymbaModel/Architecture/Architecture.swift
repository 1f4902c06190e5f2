/// What a hybrid Mamba + attention model is: one value from which the parameter inventory and the forward
/// pass both follow. There is none that a model cannot have: creating one checks it.
///
/// Its JSON form (see `Schemas/architecture.schema.json`) is kept in every container's manifest and is
/// accepted by every tool's `--config`.
public struct Architecture: Hashable, Sendable {
  public let input: Input
  /// Width of the residual stream.
  public let hiddenSize: Int
  /// The norm before each branch and at the end.
  public let norm: Norm
  public let metaTokens: MetaTokens
  public let layers: [Layer]
  /// The transformer block that some layers apply before their own mixer; nil when none does.
  public let sharedBlock: SharedBlock?
  public let output: Output

  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  public init(
    input: Input, hiddenSize: Int, norm: Norm, metaTokens: MetaTokens, layers: [Layer],
    sharedBlock: SharedBlock? = nil, output: Output
  ) throws(ModelError) {
    self.input = input
    self.hiddenSize = hiddenSize
    self.norm = norm
    self.metaTokens = metaTokens
    self.layers = layers
    self.sharedBlock = sharedBlock
    self.output = output
    try validate()
  }

  /// The attention that a layer applies, its own or the shared block's.
  func attention(in layer: Layer) -> Attention? {
    layer.attention ?? (layer.usesSharedBlock ? sharedBlock?.attention : nil)
  }

  public enum Input: Hashable, Sendable, Codable {
    /// Vectors of this size, projected to the hidden size unless they have it already.
    case features(size: Int)
    /// Token ids below this number, each with its own learned vector.
    case tokens(vocabularySize: Int)
  }

  public struct Norm: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
      /// Mean removed, divided by the population standard deviation, with weight and bias.
      case layerNorm
      /// Divided by the root of the mean square, with weight only.
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
    /// Keys and values of each layer's own, as Edifice builds them.
    case keyValue(count: Int)
    /// In front of the sequence, so that they pass through every layer, as the paper has them
    /// (arXiv 2411.13676, section 2.2).
    case prepended(count: Int)

    /// Learned keys and values in front of each layer's own.
    public var keyValueCount: Int { if case .keyValue(let count) = self { count } else { 0 } }
    /// Positions in front of the sequence.
    public var prependedCount: Int { if case .prepended(let count) = self { count } else { 0 } }
  }

  public enum Output: String, Sendable, Codable {
    /// The hidden state of the last position after the final norm.
    case lastHiddenState
    /// The hidden state of every position after the final norm: a model without a head.
    case hiddenStates
    /// A score for each token of the vocabulary at every position, by a head of its own.
    case logits
    /// The same, by the embedding of the tokens.
    case tiedLogits

    public var isLogits: Bool { self == .logits || self == .tiedLogits }
  }

  /// The dimensions of what the model returns for sequences of `length` positions.
  public func outputDimensions(batch: Int, length: Int) -> [Int] {
    switch output {
    case .lastHiddenState: [batch, hiddenSize]
    case .hiddenStates: [batch, length, hiddenSize]
    case .logits, .tiedLogits: [batch, length, input.size]
    }
  }
}
