extension Architecture {
  public struct Layer: Hashable, Sendable, Codable {
    public var mixer: Mixer
    public var feedForward: FeedForward

    public init(mixer: Mixer, feedForward: FeedForward) {
      self.mixer = mixer
      self.feedForward = feedForward
    }

    /// The layer's own attention, where it has one.
    public var attention: Attention? { mixer.attention }

    /// The layer's Mamba, where it has one.
    public var mamba: Mamba? { mixer.mamba }

    /// The layer's own components in the order of the inventory, each with its name under the layer's.
    package var components: [(name: String, component: any Component)] {
      mixer.components + (feedForward == FeedForward.none ? [] : [("ffn", feedForward)])
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
}
