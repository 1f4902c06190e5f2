public import HymbaModel

/// Statistics of a layer whose branches are joined as the mean of their norms, over batch, positions (meta
/// positions included) and channels. There is no learned gate: these tell how much each branch contributes.
public struct FusionStatistics: Hashable, Sendable, Encodable {
  /// Root mean square of the branches before their norms.
  public var attentionRMS: Double
  public var mambaRMS: Double
  /// E|a| / (E|a| + E|m|) of the normed branches a and m: above one half, attention weighs more.
  public var attentionShare: Double
  /// sum(a m) / sqrt(sum a^2 * sum m^2) of the normed branches: whether they pull the same way.
  public var cosine: Double
  /// Share of |silu(z)| below 0.01: channels that the Mamba branch shuts off.
  public var gateNearZero: Double

  /// - Parameters:
  ///   - attention, mamba: the branches before their norms
  ///   - attentionNormed, mambaNormed: after them
  ///   - gate: silu(z)
  public init(
    attention: Tensor, mamba: Tensor, attentionNormed: Tensor, mambaNormed: Tensor, gate: Tensor
  ) {
    func meanSquare(_ tensor: Tensor) -> Double {
      tensor.values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(tensor.values.count)
    }
    func meanMagnitude(_ tensor: Tensor) -> Double {
      tensor.values.reduce(0.0) { $0 + Double(abs($1)) } / Double(tensor.values.count)
    }
    let (a, m) = (attentionNormed, mambaNormed)
    let (sizeA, sizeM) = (meanMagnitude(a), meanMagnitude(m))
    let dot = zip(a.values, m.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let count = Double(a.values.count)
    self.attentionRMS = meanSquare(attention).squareRoot()
    self.mambaRMS = meanSquare(mamba).squareRoot()
    self.attentionShare = sizeA / (sizeA + sizeM)
    self.cosine = dot / count / (meanSquare(a) * meanSquare(m)).squareRoot()
    self.gateNearZero = Double(gate.values.count { abs($0) < 0.01 }) / Double(gate.values.count)
  }

  private enum Key: String, CodingKey {
    case attentionRMS, mambaRMS, attentionShare, cosine, gateNearZero
  }

  /// Numbers that JSON cannot hold become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let values: [(Double, Key)] = [
      (attentionRMS, .attentionRMS), (mambaRMS, .mambaRMS), (attentionShare, .attentionShare),
      (cosine, .cosine), (gateNearZero, .gateNearZero),
    ]
    for (value, key) in values { try container.encode(value.isFinite ? value : nil, forKey: key) }
  }
}
