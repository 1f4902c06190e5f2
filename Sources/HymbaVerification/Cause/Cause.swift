public import HymbaFormat

/// Why the first capture that differs from the reference differs: the one change under which the reference
/// agrees.
public struct Cause: Hashable, Sendable, Encodable {
  /// The layer that was computed again, counted from 0; null for the embedding and for what follows the last
  /// layer.
  @OrNull public var layer: Int? = nil
  /// The first capture that differs.
  public var capture: String
  public var kind: Kind
  /// The change, as a clause that follows “agrees when”: `rope_theta is 1e6`.
  public var detail: String

  /// What the change concerns.
  public enum Kind: String, Sendable, Encodable, CaseIterable {
    /// The base, the extent or the pairs of the rotary position embedding.
    case rotary
    case epsilon
    /// The sliding window of attention.
    case window
    /// The factor of the scores of attention.
    case scale
    /// The function of a network, of a Mamba or of a router.
    case activation
    /// The weight of a norm, its kind, or its place.
    case norm
    /// The gate and the other projection of a network, or the gate of a fusion.
    case gate
    /// The order of heads, and the heads or groups that serve them.
    case headOrder
    /// The order of the parts of a joined projection, and which weights serve as the head.
    case parts
    /// The bounds of a Mamba's time steps.
    case timeStepLimit
    case multiplier
    /// The channels over which the gated norm of a Mamba-2 goes.
    case groupNorm
    /// A weight that is stored with its rows as columns.
    case transpose
    /// The form in which a Mamba's A is stored.
    case decay
  }

  /// The cause as one sentence: `layer 3 agrees when rope_theta is 1e6`.
  public var sentence: String {
    let agrees = layer.map { "layer \($0) agrees" } ?? (capture == "logits" ? "logits agree" : "\(capture) agrees")
    return "\(agrees) when \(detail)"
  }
}
