extension Architecture {
  /// Causal softmax attention, scores scaled by 1/sqrt(keyHeadSize).
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
    /// The projections that have a bias.
    public var biases: [Projection]

    public init(
      heads: Int, keyValueHeads: Int, keyHeadSize: Int, valueHeadSize: Int, biases: [Projection]
    ) {
      self.heads = heads
      self.keyValueHeads = keyValueHeads
      self.keyHeadSize = keyHeadSize
      self.valueHeadSize = valueHeadSize
      self.biases = biases
    }

    public var queryWidth: Int { heads * keyHeadSize }
    public var keyWidth: Int { keyValueHeads * keyHeadSize }
    public var valueWidth: Int { keyValueHeads * valueHeadSize }
    public var outputWidth: Int { heads * valueHeadSize }
  }

  /// A selective state space branch (Mamba, arXiv 2312.00752, section 3).
  public struct Mamba: Hashable, Sendable, Codable {
    public enum Projection: String, Sendable, Codable, CaseIterable {
      case input = "in_proj"
      case convolution = "conv1d"
      case selection = "x_proj"
      case timeStep = "dt_proj"
      case output = "out_proj"
    }

    public enum Decay: String, Sendable, Codable {
      /// A = -(1, 2, …, state), the same for every channel; no parameter.
      case fixed
    }

    /// The time step by which the input enters the state.
    public enum InputTimeStep: String, Sendable, Codable {
      /// The mean of the clipped time steps over the channels.
      case channelMean
    }

    /// Bounds of the time step, after softplus.
    public struct Clip: Hashable, Sendable, Codable {
      public var lower: Double
      public var upper: Double

      public init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
      }
    }

    public var innerSize: Int
    public var stateSize: Int
    /// Width of the low-rank form of the time step.
    public var rank: Int
    public var convWidth: Int
    /// The projections that have a bias.
    public var biases: [Projection]
    public var decay: Decay
    public var timeStepClip: Clip?
    public var inputTimeStep: InputTimeStep
    /// Whether the input is added to the output through a learned D.
    public var skip: Bool

    public init(
      innerSize: Int, stateSize: Int, rank: Int, convWidth: Int, biases: [Projection],
      decay: Decay, timeStepClip: Clip?, inputTimeStep: InputTimeStep, skip: Bool
    ) {
      self.innerSize = innerSize
      self.stateSize = stateSize
      self.rank = rank
      self.convWidth = convWidth
      self.biases = biases
      self.decay = decay
      self.timeStepClip = timeStepClip
      self.inputTimeStep = inputTimeStep
      self.skip = skip
    }
  }
}
