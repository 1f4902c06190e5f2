extension Architecture {
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
      /// A = -exp(A_log), learned for each channel and state.
      case learned
    }

    /// Which time step decides how much of the input enters the state.
    public enum InputTimeStep: String, Sendable, Codable {
      /// Each channel's own time step, as in the paper.
      case own
      /// The mean of the clipped time steps over the channels.
      case channelMean
    }

    /// Bounds of the time step, applied after softplus.
    public struct Clip: Hashable, Sendable, Codable {
      public var lower: Double
      public var upper: Double

      public init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
      }
    }

    public var innerSize: Int
    /// The number of equal groups of inner channels. Each group has its own part of x_proj and dt_proj, and so
    /// its own time step, B and C. Mamba as published has 1.
    public var heads: Int
    public var stateSize: Int
    /// The width of the low-rank form of the time step.
    public var rank: Int
    public var convWidth: Int
    /// The projections that have a bias.
    public var biases: [Projection]
    public var decay: Decay
    /// The bounds of the time step; nil for none.
    public var timeStepClip: Clip?
    public var inputTimeStep: InputTimeStep
    /// Whether the input, multiplied by a learned D, is added to the output of the scan.
    public var skip: Bool
    public var innerNorms: InnerNorms
    /// The function of the convolution's result and of the gate z; nil stands for SiLU, as in the paper.
    public var activation: Activation?

    public init(
      innerSize: Int, heads: Int = 1, stateSize: Int, rank: Int, convWidth: Int,
      biases: [Projection], decay: Decay, timeStepClip: Clip?, inputTimeStep: InputTimeStep,
      skip: Bool, innerNorms: InnerNorms, activation: Activation? = nil
    ) {
      self.innerSize = innerSize
      self.heads = heads
      self.stateSize = stateSize
      self.rank = rank
      self.convWidth = convWidth
      self.biases = biases
      self.decay = decay
      self.timeStepClip = timeStepClip
      self.inputTimeStep = inputTimeStep
      self.skip = skip
      self.innerNorms = innerNorms
      self.activation = activation
    }
  }
}

extension Architecture.Mamba {
  /// Decodes as the synthesized initializer would, but accepts a document without `heads`, which stands for one
  /// head.
  ///
  /// - Throws: The errors of `decoder`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      innerSize: try values.decode(Int.self, forKey: .innerSize),
      heads: try values.decodeIfPresent(Int.self, forKey: .heads) ?? 1,
      stateSize: try values.decode(Int.self, forKey: .stateSize),
      rank: try values.decode(Int.self, forKey: .rank),
      convWidth: try values.decode(Int.self, forKey: .convWidth),
      biases: try values.decode([Projection].self, forKey: .biases),
      decay: try values.decode(Decay.self, forKey: .decay),
      timeStepClip: try values.decodeIfPresent(Clip.self, forKey: .timeStepClip),
      inputTimeStep: try values.decode(InputTimeStep.self, forKey: .inputTimeStep),
      skip: try values.decode(Bool.self, forKey: .skip),
      innerNorms: try values.decode(InnerNorms.self, forKey: .innerNorms),
      activation: try values.decodeIfPresent(Architecture.Activation.self, forKey: .activation))
  }
}
