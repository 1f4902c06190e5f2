extension Architecture {
  /// Causal softmax attention.
  ///
  /// The output projection belongs to the branch where the branches are joined by a gate; with the mean of
  /// norms there is one for both, behind the fusion.
  public struct Attention: Hashable, Sendable, Codable {
    public enum Projection: String, Sendable, Codable, CaseIterable {
      case query = "q_proj"
      case key = "k_proj"
      case value = "v_proj"
      case output = "o_proj"
    }

    public var heads: Int
    /// Heads of keys and values; each serves heads / keyValueHeads query heads.
    public var keyValueHeads: Int
    public var keyHeadSize: Int
    public var valueHeadSize: Int
    /// What scores are multiplied by; nil is 1/sqrt(keyHeadSize).
    public var scale: Double?
    /// The projections that have a bias.
    public var biases: [Projection]
    /// How far back a query sees: keys at most this many positions before it, and all prepended meta tokens.
    /// Nil sees everything before it.
    public var window: Int?
    /// The earlier layer whose keys and values, normed and rotated, are used instead of own ones.
    public var keyValueLayer: Int?
    public var rotary: Rotary?
    public var queryKeyNorm: QueryKeyNorm?

    /// Rotary position embedding of queries and keys over the whole head, halves against each other;
    /// positions count prepended meta tokens.
    public struct Rotary: Hashable, Sendable, Codable {
      /// Frequencies are base^(-2i/d).
      public var base: Double
      /// For sequences of L positions, longer than this, the base is scaled by
      /// (2 * L / this - 1)^(d / (d - 2)); nil keeps the base for every length.
      public var dynamicFrom: Int?

      public init(base: Double, dynamicFrom: Int? = nil) {
        self.base = base
        self.dynamicFrom = dynamicFrom
      }
    }

    /// RMS norm of each head of queries and keys, epsilon 1e-6.
    public enum QueryKeyNorm: String, Sendable, Codable {
      /// One weight for all heads.
      case shared
      /// A weight for each head.
      case perHead
    }

    public init(
      heads: Int, keyValueHeads: Int, keyHeadSize: Int, valueHeadSize: Int, scale: Double? = nil,
      biases: [Projection], window: Int? = nil, keyValueLayer: Int? = nil, rotary: Rotary? = nil,
      queryKeyNorm: QueryKeyNorm? = nil
    ) {
      self.heads = heads
      self.keyValueHeads = keyValueHeads
      self.keyHeadSize = keyHeadSize
      self.valueHeadSize = valueHeadSize
      self.scale = scale
      self.biases = biases
      self.window = window
      self.keyValueLayer = keyValueLayer
      self.rotary = rotary
      self.queryKeyNorm = queryKeyNorm
    }

    public var queryWidth: Int { heads * keyHeadSize }
    public var keyWidth: Int { keyValueHeads * keyHeadSize }
    public var valueWidth: Int { keyValueHeads * valueHeadSize }
    public var outputWidth: Int { heads * valueHeadSize }
  }
}
