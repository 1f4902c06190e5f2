/// What a hybrid Mamba + attention model is: one value from which the parameter inventory and the forward
/// pass both follow.
///
/// Its JSON form (see `Schemas/architecture.schema.json`) is kept in every container's manifest and is
/// accepted by every tool's `--config`.
public struct Architecture: Hashable, Sendable, Codable {
  public var input: Input
  /// Width of the residual stream.
  public var hiddenSize: Int
  /// The norm before each branch and at the end.
  public var norm: Norm
  public var metaTokens: MetaTokens
  public var layers: [Layer]
  public var output: Output

  public init(
    input: Input, hiddenSize: Int, norm: Norm, metaTokens: MetaTokens, layers: [Layer],
    output: Output
  ) {
    self.input = input
    self.hiddenSize = hiddenSize
    self.norm = norm
    self.metaTokens = metaTokens
    self.layers = layers
    self.output = output
  }

  public enum Input: Hashable, Sendable, Codable {
    /// Vectors of this size, projected to the hidden size unless they have it already.
    case features(size: Int)
  }

  public struct Norm: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
      /// Mean removed, divided by the population standard deviation, with weight and bias.
      case layerNorm
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

  public struct Layer: Hashable, Sendable, Codable {
    public var mixer: Mixer
    public var feedForward: FeedForward

    public init(mixer: Mixer, feedForward: FeedForward) {
      self.mixer = mixer
      self.feedForward = feedForward
    }
  }

  /// How a layer mixes positions.
  public enum Mixer: Hashable, Sendable, Codable {
    /// Attention and Mamba read the same normed input; the fusion joins their outputs.
    case parallel(attention: Attention, mamba: Mamba, fusion: Fusion)
  }

  public enum Fusion: String, Sendable, Codable {
    /// `gate * mamba + (1 - gate) * attention`, gate = sigmoid of a projection of the normed input.
    case gated
  }

  public enum FeedForward: Hashable, Sendable, Codable {
    /// `down(gelu(up(x)))` with the exact (erf) GELU.
    case gelu(intermediateSize: Int)
  }

  public enum Output: String, Sendable, Codable {
    /// The hidden state of the last position after the final norm.
    case lastHiddenState
  }
}
