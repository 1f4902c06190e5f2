public import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// How a layer's router spreads positions over its experts, over batch and positions (meta positions included).
public struct RouterStatistics: Hashable, Sendable, Encodable {
  /// For each expert, its share of all choices; together 1. Even is 1 / experts.
  public var load: [Double]
  /// Mean over positions of -sum p ln p of the probabilities, in nats: 0 when the router is certain, ln(experts)
  /// when it does not care.
  public var entropy: Double
  /// Positions at which the last chosen expert is less than ``NearTies/margin`` ahead of the next.
  public var nearTies: Int

  /// - Parameters:
  ///   - probabilities: [batch, length, experts]
  ///   - perToken: Experts that each position chooses.
  public init(_ probabilities: Tensor, perToken: Int) {
    let experts = probabilities.dimensions.last ?? 0
    let rows = experts == 0 ? 0 : probabilities.values.count / experts
    var (load, entropy, nearTies) = ([Double](repeating: 0, count: experts), 0.0, 0)
    for row in 0..<rows {
      let values = probabilities.values[row * experts..<(row + 1) * experts]
      let choice = ExpertChoice(values, count: perToken)
      for expert in choice.experts { load[expert] += 1 / Double(rows * perToken) }
      // The limit of p ln p at 0 is 0; NaN stays.
      entropy -= values.reduce(0.0) { $1 == 0 ? $0 : $0 + Double($1) * log(Double($1)) }
      if choice.margin < NearTies.margin { nearTies += 1 }
    }
    self.load = load
    self.entropy = entropy / Double(max(1, rows))
    self.nearTies = nearTies
  }

  /// The entropy of a router to which all experts are equal: ln(experts).
  package static func evenEntropy(experts: Int) -> Double { log(Double(max(1, experts))) }

  private enum Key: String, CodingKey { case load, entropy, nearTies }

  /// Numbers that JSON cannot hold become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(load, forKey: .load)
    try container.encode(entropy.isFinite ? entropy : nil, forKey: .entropy)
    try container.encode(nearTies, forKey: .nearTies)
  }
}
