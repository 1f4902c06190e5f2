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

  public struct Layer: Hashable, Sendable, Codable {
    public var mixer: Mixer
    public var feedForward: FeedForward

    public init(mixer: Mixer, feedForward: FeedForward) {
      self.mixer = mixer
      self.feedForward = feedForward
    }

    /// The layer's attention, where it has one.
    public var attention: Attention? {
      switch mixer {
      case .parallel(let attention, _, _): attention
      }
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
    /// `out_proj((norm(attention) + norm(mamba)) / 2)`: each branch through an RMS norm of its own, then one
    /// projection of their mean (arXiv 2411.13676, equation 3, as NVIDIA released it).
    case meanOfNorms
  }

  public enum FeedForward: Hashable, Sendable, Codable {
    /// `down(gelu(up(x)))` with the exact (erf) GELU.
    case gelu(intermediateSize: Int)
    /// `down(silu(gate(x)) * up(x))`, without biases.
    case swiGLU(intermediateSize: Int)
    /// `down(relu(up(x))^2)`, without biases.
    case reluSquared(intermediateSize: Int)

    public var intermediateSize: Int {
      switch self {
      case .gelu(let size), .swiGLU(let size), .reluSquared(let size): size
      }
    }
  }

  public enum Output: String, Sendable, Codable {
    /// The hidden state of the last position after the final norm.
    case lastHiddenState
    /// A score for each token of the vocabulary at every position, by a head of its own.
    case logits
    /// The same, by the embedding of the tokens.
    case tiedLogits
  }
}
