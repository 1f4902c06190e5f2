extension Architecture {
  /// A state space branch whose decay is one number for each head (Mamba-2, arXiv 2405.21060, section 7).
  ///
  /// The rows of the input projection are the gate z, then x, B and C, which go through the convolution, then
  /// one time step for each head. The heads of a group are neighbours and share B and C.
  public struct Mamba2: Hashable, Sendable, Codable {
    public enum Projection: String, Sendable, Codable, CaseIterable {
      case input = "in_proj"
      case convolution = "conv1d"
      case output = "out_proj"
    }

    /// The RMS norm beside the gate, over each group of inner channels on its own.
    public struct GatedNorm: Hashable, Sendable, Codable {
      public enum Order: String, Sendable, Codable {
        /// `norm(y * silu(z))`
        case afterGate
        /// `norm(y) * silu(z)`
        case beforeGate
      }
      public var order: Order
      public var epsilon: Double

      public init(order: Order, epsilon: Double) {
        self.order = order
        self.epsilon = epsilon
      }
    }

    /// Bounds of the time step, applied after softplus at every position.
    public struct TimeStepLimits: Hashable, Sendable, Codable {
      public var lower: Double
      /// Nil for no upper bound.
      public var upper: Double?

      public init(lower: Double, upper: Double?) {
        self.lower = lower
        self.upper = upper
      }
    }

    /// Factors of the branch's input, of the rows of the projected input, and of the branch's result
    /// (Falcon-H1). Nil stands for 1.
    public struct Multipliers: Hashable, Sendable, Codable {
      public var input: Double?
      public var z: Double?
      public var x: Double?
      public var B: Double?
      public var C: Double?
      public var timeStep: Double?
      public var output: Double?

      public init(
        input: Double? = nil, z: Double? = nil, x: Double? = nil, B: Double? = nil,
        C: Double? = nil, timeStep: Double? = nil, output: Double? = nil
      ) {
        self.input = input
        self.z = z
        self.x = x
        self.B = B
        self.C = C
        self.timeStep = timeStep
        self.output = output
      }
    }

    public var heads: Int
    public var headSize: Int
    /// The number of pairs of B and C. Each serves heads / groups neighbouring heads.
    public var groups: Int
    /// The number of states of each channel.
    public var stateSize: Int
    public var convWidth: Int
    /// The projections that have a bias.
    public var biases: [Projection]
    /// The norm beside the gate; nil for `y * silu(z)` alone.
    public var gatedNorm: GatedNorm?
    /// The bounds of the time step; nil for none.
    public var timeStepLimits: TimeStepLimits?
    /// Nil where all factors are 1.
    public var multipliers: Multipliers?

    public init(
      heads: Int, headSize: Int, groups: Int, stateSize: Int, convWidth: Int,
      biases: [Projection], gatedNorm: GatedNorm?, timeStepLimits: TimeStepLimits? = nil,
      multipliers: Multipliers? = nil
    ) {
      self.heads = heads
      self.headSize = headSize
      self.groups = groups
      self.stateSize = stateSize
      self.convWidth = convWidth
      self.biases = biases
      self.gatedNorm = gatedNorm
      self.timeStepLimits = timeStepLimits
      self.multipliers = multipliers
    }

    public var innerSize: Int { heads * headSize }
    /// The channels of the convolution: x, B and C.
    public var convolutionWidth: Int { innerSize + 2 * groups * stateSize }
    /// The rows of the input projection: z, x, B, C and the time steps.
    public var projectionWidth: Int { innerSize + convolutionWidth + heads }
  }

  /// A state space branch of either generation. In a document it is the object of its kind; a Mamba-2 is told
  /// by its `headSize`.
  public enum StateSpace: Hashable, Sendable {
    case mamba(Mamba)
    case mamba2(Mamba2)

    /// The branch as a Mamba of the first generation; nil for a Mamba-2.
    public var mamba: Mamba? { if case .mamba(let mamba) = self { mamba } else { nil } }
    /// The branch as a Mamba-2; nil for the first generation.
    public var mamba2: Mamba2? { if case .mamba2(let mamba) = self { mamba } else { nil } }

    public var innerSize: Int {
      switch self {
      case .mamba(let mamba): mamba.innerSize
      case .mamba2(let mamba): mamba.innerSize
      }
    }

    /// The name of the generation, for people.
    package var title: String { mamba2 == nil ? "Mamba" : "Mamba-2" }

    /// Whether the output projection has a bias.
    var hasOutputBias: Bool {
      switch self {
      case .mamba(let mamba): mamba.biases.contains(.output)
      case .mamba2(let mamba): mamba.biases.contains(.output)
      }
    }

    var component: any Component {
      switch self {
      case .mamba(let mamba): mamba
      case .mamba2(let mamba): mamba
      }
    }
  }
}

extension Architecture.StateSpace: Codable {
  private enum Mark: String, CodingKey { case headSize }

  public init(from decoder: any Decoder) throws {
    let isSecond = try decoder.container(keyedBy: Mark.self).contains(.headSize)
    self =
      isSecond
      ? .mamba2(try Architecture.Mamba2(from: decoder))
      : .mamba(try Architecture.Mamba(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .mamba(let mamba): try mamba.encode(to: encoder)
    case .mamba2(let mamba): try mamba.encode(to: encoder)
    }
  }
}
