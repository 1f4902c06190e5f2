public import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// Statistics of how a layer's router spreads positions over its experts. They cover the batch and the
/// positions (meta positions included).
public struct RouterStatistics: Hashable, Sendable, Encodable {
  /// The share of each expert in all choices. The shares add up to 1; an even share is 1 / experts.
  public var load: [Double]
  /// The mean over positions of -sum q ln q in nats, where q are the probabilities divided by their sum. It is 0
  /// for a router that is always certain, and ln(experts) for one that finds all experts equal.
  public var entropy: Double
  /// The number of positions at which the lowest chosen score is less than `NearTies/margin` above the highest
  /// one that was not chosen, among experts or among their groups. A score is a probability with its bias.
  public var nearTies: Int
  /// What makes probabilities of the router's scores. Only those of a softmax add up to 1 by themselves.
  public var scores: Architecture.Router.Scores
  /// Whether a learned bias takes part in the choice. It is in ``load`` and ``nearTies``, and not in ``entropy``.
  public var hasBias: Bool

  /// - Parameters:
  ///   - probabilities: [batch, length, experts]
  ///   - chooser: The rule by which the router chooses.
  /// - Complexity: Sorts the experts of each position.
  package init(_ probabilities: Tensor, _ chooser: ExpertChooser) {
    let experts = probabilities.dimensions.last ?? 0
    let rows = experts == 0 ? 0 : probabilities.values.count / experts
    var (load, entropy, nearTies) = ([Double](repeating: 0, count: experts), 0.0, 0)
    for row in 0..<rows {
      let values = probabilities.values[row * experts..<(row + 1) * experts]
      let choice = chooser(values)
      for expert in choice.experts { load[expert] += 1 / Double(rows * choice.experts.count) }
      // At p = 0, p ln p is 0 (its limit). NaN stays NaN.
      let sum = values.reduce(0.0) { $0 + Double($1) }
      entropy -= values.reduce(0.0) { $1 == 0 ? $0 : $0 + Double($1) / sum * log(Double($1) / sum) }
      if choice.margin < NearTies.margin { nearTies += 1 }
    }
    self.load = load
    self.entropy = entropy / Double(max(1, rows))
    self.nearTies = nearTies
    self.scores = chooser.router.scores
    self.hasBias = chooser.router.hasBias
  }

  /// The entropy of a router that finds all experts equal: ln(experts).
  package static func evenEntropy(experts: Int) -> Double { log(Double(max(1, experts))) }

  private enum Key: String, CodingKey { case load, entropy, nearTies, scores, hasBias }

  /// Encodes the values. Numbers that JSON cannot express become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(load, forKey: .load)
    try container.encode(entropy.isFinite ? entropy : nil, forKey: .entropy)
    try container.encode(nearTies, forKey: .nearTies)
    try container.encode(scores, forKey: .scores)
    try container.encode(hasBias, forKey: .hasBias)
  }
}
