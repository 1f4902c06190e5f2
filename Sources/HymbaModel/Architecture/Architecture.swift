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
  /// The transformer block that some layers apply before their own mixer; nil when none does.
  public var sharedBlock: SharedBlock?
  public var output: Output

  public init(
    input: Input, hiddenSize: Int, norm: Norm, metaTokens: MetaTokens, layers: [Layer],
    sharedBlock: SharedBlock? = nil, output: Output
  ) {
    self.input = input
    self.hiddenSize = hiddenSize
    self.norm = norm
    self.metaTokens = metaTokens
    self.layers = layers
    self.sharedBlock = sharedBlock
    self.output = output
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

  public struct Layer: Hashable, Sendable, Codable {
    public var mixer: Mixer
    public var feedForward: FeedForward

    public init(mixer: Mixer, feedForward: FeedForward) {
      self.mixer = mixer
      self.feedForward = feedForward
    }

    /// The layer's own attention, where it has one.
    public var attention: Attention? {
      switch mixer {
      case .parallel(let attention, _, _), .attention(let attention): attention
      case .mamba, .sharedThenMamba: nil
      }
    }

    /// The layer's Mamba, where it has one.
    public var mamba: Mamba? {
      switch mixer {
      case .parallel(_, let mamba, _), .mamba(let mamba), .sharedThenMamba(let mamba): mamba
      case .attention: nil
      }
    }

    /// Whether the layer applies the shared block.
    public var usesSharedBlock: Bool { mixer.usesSharedBlock }

    /// What the layer adds to the stream, one part after another, each behind a norm of its own.
    enum Part {
      case mixer(Mixer)
      case feedForward(FeedForward)

      /// The norm's name under the layer's.
      var normName: String {
        switch self {
        case .mixer: "norm"
        case .feedForward: "ffn_norm"
        }
      }
    }

    var parts: [Part] {
      [.mixer(mixer)] + (feedForward == FeedForward.none ? [] : [.feedForward(feedForward)])
    }
  }

  /// How a layer mixes positions.
  public enum Mixer: Hashable, Sendable, Codable {
    /// Attention and Mamba read the same normed input; the fusion joins their outputs.
    case parallel(attention: Attention, mamba: Mamba, fusion: Fusion)
    /// Attention alone, as some of Jamba's layers have it (arXiv 2403.19887, section 3).
    case attention(attention: Attention)
    /// Mamba alone.
    case mamba(mamba: Mamba)
    /// `x + mamba(norm(x + shared_proj(shared block)))`, the projection each layer's own
    /// (Zamba, arXiv 2405.16712, section 2).
    case sharedThenMamba(mamba: Mamba)

    var usesSharedBlock: Bool { if case .sharedThenMamba = self { true } else { false } }
  }

  /// One transformer block whose weights several layers apply; it has no residual stream inside.
  ///
  /// `ffn(ffn_norm(attention(norm(concat(x, x0)))))`: it reads the residual stream and, beside it, what the
  /// stream began with, so that its norm and the inputs of its q, k and v projections have the width
  /// 2 * hiddenSize.
  public struct SharedBlock: Hashable, Sendable, Codable {
    public var attention: Attention
    public var feedForward: FeedForward

    public init(attention: Attention, feedForward: FeedForward) {
      self.attention = attention
      self.feedForward = feedForward
    }
  }

  public enum Fusion: String, Sendable, Codable {
    /// `gate * mamba + (1 - gate) * attention`, gate = sigmoid of a projection of the normed input.
    case gated
    /// `out_proj((norm(attention) + norm(mamba)) / 2)`: each branch through an RMS norm of its own, then one
    /// projection of their mean (arXiv 2411.13676, equation 3, as NVIDIA released it).
    case meanOfNorms

    /// Whether each branch has an output projection of its own, rather than one behind the fusion for both.
    var projectsEachBranch: Bool { self == .gated }
  }

  public enum FeedForward: Hashable, Sendable, Codable {
    /// The layer ends with its mixer.
    case none
    /// `down(gelu(up(x)))` with the exact (erf) GELU.
    case gelu(intermediateSize: Int)
    /// `down(silu(gate(x)) * up(x))`, without biases.
    case swiGLU(intermediateSize: Int)
    /// `down(gelu(gate(x)) * up(x))` with the exact (erf) GELU, without biases.
    case geGLU(intermediateSize: Int)
    /// `down(relu(up(x))^2)`, without biases.
    case reluSquared(intermediateSize: Int)
    /// `down(activation(gate(x)) * up(x))` with another function than those that have a case of their own.
    case gated(activation: Activation, intermediateSize: Int)
    /// Of `count` gated networks, SwiGLU if no other function is given, the `perToken` with the highest
    /// probabilities, each times its probability: softmax over the router's scores of all experts, not
    /// renormalised over the chosen ones.
    case experts(count: Int, perToken: Int, intermediateSize: Int, activation: Activation? = nil)

    /// Nil where there is no feed forward.
    public var intermediateSize: Int? {
      switch self {
      case .none: nil
      case .gelu(let size), .swiGLU(let size), .geGLU(let size), .reluSquared(let size),
        .gated(_, let size), .experts(_, _, let size, _):
        size
      }
    }

    /// Expert networks; 0 where the feed forward is one network.
    public var expertCount: Int { if case .experts(let count, _, _, _) = self { count } else { 0 } }
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
