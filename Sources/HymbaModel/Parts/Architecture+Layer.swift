extension Architecture {
  public struct Layer: Hashable, Sendable, Codable {
    /// How the layer mixes positions; nil where it is its feed forward alone (Nemotron-H, arXiv 2504.03624,
    /// section 2).
    public var mixer: Mixer?
    public var feedForward: FeedForward

    public init(mixer: Mixer?, feedForward: FeedForward) {
      self.mixer = mixer
      self.feedForward = feedForward
    }

    /// The layer's own attention; nil where it has none.
    public var attention: Attention? { mixer?.attention }

    /// The layer's state space branch, of either generation; nil where it has none.
    public var stateSpace: StateSpace? { mixer?.stateSpace }

    /// The layer's Mamba of the first generation; nil where it has none.
    public var mamba: Mamba? { stateSpace?.mamba }

    /// The layer's Mamba-2; nil where it has none.
    public var mamba2: Mamba2? { stateSpace?.mamba2 }

    /// The layer's own components in the order of the inventory, each with its parameter name below the
    /// layer's.
    package var components: [(name: String, component: any Component)] {
      (mixer?.components ?? []) + (feedForward == FeedForward.none ? [] : [("ffn", feedForward)])
    }

    /// Whether the layer applies the shared block.
    public var usesSharedBlock: Bool { mixer?.usesSharedBlock ?? false }

    /// A part of the layer. Its result is added to the stream, and it has a norm of its own before it.
    enum Part {
      case mixer(Mixer)
      case network(Network)
      case experts(Mixture)

      /// The name of the norm's parameter below the layer's name.
      var normName: String {
        switch self {
        case .mixer: "norm"
        case .network, .experts: "ffn_norm"
        }
      }
    }

    /// The layer's parts, in the order of computation.
    var parts: [Part] {
      [mixer.map(Part.mixer), feedForward.network.map(Part.network),
        feedForward.mixture.map(Part.experts),
      ].compactMap { $0 }
    }
  }
}
