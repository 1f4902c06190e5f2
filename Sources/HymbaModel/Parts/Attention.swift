extension Architecture {
  /// Causal softmax attention.
  ///
  /// Where a gate joins the branches, the attention has its own output projection. With the mean of norms, one
  /// projection behind the fusion serves both branches.
  public struct Attention: Hashable, Sendable, Codable {
    public enum Projection: String, Sendable, Codable, CaseIterable {
      case query = "q_proj"
      case key = "k_proj"
      case value = "v_proj"
      case output = "o_proj"
    }

    public var heads: Int
    /// The number of heads of keys and values. Each serves heads / keyValueHeads query heads.
    public var keyValueHeads: Int
    public var keyHeadSize: Int
    public var valueHeadSize: Int
    /// The factor of the scores; nil stands for 1/sqrt(keyHeadSize).
    public var scale: Double?
    /// The projections that have a bias.
    public var biases: [Projection]
    /// How far back a query sees. It sees the keys at its own position and at most this many positions before
    /// it, and all prepended meta tokens. Nil stands for no limit.
    public var window: Int?
    /// The earlier layer whose keys and values, normalised and rotated, are used in place of the layer's own;
    /// nil where the layer computes its own.
    public var keyValueLayer: Int?
    /// The rotary position embedding; nil for none.
    public var rotary: Rotary?
    /// The norm of queries and keys; nil for none.
    public var queryKeyNorm: QueryKeyNorm?
    /// The factor of the keys before their rotation; nil stands for 1.
    public var keyMultiplier: Double?
    /// The factor of the branch's input; nil stands for 1.
    public var inputMultiplier: Double?
    /// The factor of the branch's result; nil stands for 1.
    public var outputMultiplier: Double?

    /// Rotary position embedding of queries and keys, the first half of the rotated numbers of a head against
    /// the second. Positions include prepended meta tokens.
    public struct Rotary: Hashable, Sendable, Codable {
      /// The base of the frequencies base^(-2i/d).
      public var base: Double
      /// The length from which on the base is scaled. For sequences of L positions, longer than this, the base
      /// is multiplied by (2 * L / this - 1)^(d / (d - 2)). Nil keeps the base for every length.
      public var dynamicFrom: Int?
      /// The numbers at the beginning of each head that are rotated; the d of the frequencies. Nil stands for
      /// the whole head.
      public var size: Int?

      public init(base: Double, dynamicFrom: Int? = nil, size: Int? = nil) {
        self.base = base
        self.dynamicFrom = dynamicFrom
        self.size = size
      }
    }

    /// The RMS norm of each head of queries and keys, with epsilon 1e-6.
    public enum QueryKeyNorm: String, Sendable, Codable {
      /// One weight for all heads.
      case shared
      /// A weight for each head.
      case perHead
    }

    public init(
      heads: Int, keyValueHeads: Int, keyHeadSize: Int, valueHeadSize: Int, scale: Double? = nil,
      biases: [Projection], window: Int? = nil, keyValueLayer: Int? = nil, rotary: Rotary? = nil,
      queryKeyNorm: QueryKeyNorm? = nil, keyMultiplier: Double? = nil,
      inputMultiplier: Double? = nil, outputMultiplier: Double? = nil
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
      self.keyMultiplier = keyMultiplier
      self.inputMultiplier = inputMultiplier
      self.outputMultiplier = outputMultiplier
    }

    public var queryWidth: Int { heads * keyHeadSize }
    public var keyWidth: Int { keyValueHeads * keyHeadSize }
    public var valueWidth: Int { keyValueHeads * valueHeadSize }
    public var outputWidth: Int { heads * valueHeadSize }
  }
}
