import HymbaModel

/// What a layer of a Nemotron-H is, by its letter in `hybrid_override_pattern`.
enum NemotronLayer: Character, CaseIterable {
  case mamba = "M"
  case attention = "*"
  case network = "-"
  case experts = "E"

  /// The kinds by the words of `layers_block_type`.
  static let words: [String: Self] = [
    "mamba": .mamba, "linear_attention": .mamba, "attention": .attention,
    "full_attention": .attention, "mlp": .network, "moe": .experts,
  ]

  /// The layers of Nemotron-H-8B, which stand for an absent list.
  static let defaults = Array("M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-").compactMap(
    Self.init(rawValue:))

  /// The kind of a layer that is a mixer alone or a feed forward alone; nil for other layers.
  init?(_ layer: Architecture.Layer) {
    switch (layer.mixer, layer.feedForward) {
    case (.mamba?, .none): self = .mamba
    case (.attention?, .none): self = .attention
    case (nil, let feedForward): self = feedForward.expertCount > 0 ? .experts : .network
    default: return nil
    }
  }
}
