extension Architecture {
  public struct Layer: Hashable, Sendable, Codable {
    public var mixer: Mixer
    public var feedForward: FeedForward

    public init(mixer: Mixer, feedForward: FeedForward) {
      self.mixer = mixer
      self.feedForward = feedForward
    }

    /// The layer's own attention; nil where it has none.
    public var attention: Attention? { mixer.attention }

    /// The layer's Mamba; nil where it has none.
    public var mamba: Mamba? { mixer.mamba }

    /// The layer's own components in the order of the inventory, each with its parameter name below the
    /// layer's.
    package var components: [(name: String, component: any Component)] {
      mixer.components + (feedForward == FeedForward.none ? [] : [("ffn", feedForward)])
    }

    /// Whether the layer applies the shared block.
    public var usesSharedBlock: Bool { mixer.usesSharedBlock }

    /// A part of the layer. Its result is added to the stream, and it has a norm of its own before it.
    enum Part {
      case mixer(Mixer)
      case feedForward(FeedForward)

      /// The name of the norm's parameter below the layer's name.
      var normName: String {
        switch self {
        case .mixer: "norm"
        case .feedForward: "ffn_norm"
        }
      }
    }

    /// The layer's parts, in the order of computation.
    var parts: [Part] {
      [.mixer(mixer)] + (feedForward == FeedForward.none ? [] : [.feedForward(feedForward)])
    }
  }
}
