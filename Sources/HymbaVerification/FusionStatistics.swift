public import HymbaModel

/// Statistics of a layer whose branches are joined as the mean of their norms. They cover the batch, the
/// positions (meta positions included) and the channels. Such a layer has no learned gate, so these values tell
/// how much each branch contributes.
public struct FusionStatistics: Hashable, Sendable, Encodable {
  /// The root mean square of the attention branch before its norm.
  public var attentionRMS: Double
  /// The root mean square of the Mamba branch before its norm.
  public var mambaRMS: Double
  /// E|a| / (E|a| + E|m|) of the normalised branches a and m. Above one half, attention weighs more.
  public var attentionShare: Double
  /// sum(a m) / sqrt(sum a^2 * sum m^2) of the normalised branches a and m. Near 1, both push in the same
  /// direction.
  public var cosine: Double
  /// The share of values of the Mamba branch's gate, silu(z) or another function of z, with a magnitude below
  /// 0.01: the channels that the gate shuts off.
  public var gateNearZero: Double
  /// The attention's share at each position, over the batch and the channels.
  package var positions: [Double]

  /// - Parameters:
  ///   - attention: The attention branch before its norm, [batch, length, inner].
  ///   - mamba: The Mamba branch before its norm, [batch, length, inner].
  ///   - attentionNormed: The attention branch after its norm, [batch, length, inner].
  ///   - mambaNormed: The Mamba branch after its norm, [batch, length, inner].
  ///   - gate: The Mamba branch's gate, [batch, length, inner].
  public init(
    attention: Tensor, mamba: Tensor, attentionNormed: Tensor, mambaNormed: Tensor, gate: Tensor
  ) {
    let (a, m) = (attentionNormed, mambaNormed)
    let sizesA = a.means { Double(abs($0)) }
    let sizesM = m.means { Double(abs($0)) }
    // The means of all positions are over equally many values.
    let (sizeA, sizeM) = (sizesA.reduce(0, +), sizesM.reduce(0, +))
    let dot = zip(a.values, m.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let count = Double(a.values.count)
    self.attentionRMS = attention.rootMeanSquare
    self.mambaRMS = mamba.rootMeanSquare
    self.attentionShare = sizeA / (sizeA + sizeM)
    self.cosine = dot / count / (a.rootMeanSquare * m.rootMeanSquare)
    self.gateNearZero = Double(gate.values.count { abs($0) < 0.01 }) / Double(gate.values.count)
    self.positions = zip(sizesA, sizesM).map { $0 / ($0 + $1) }
  }

  private enum Key: String, CodingKey {
    case attentionRMS, mambaRMS, attentionShare, cosine, gateNearZero, positions
  }

  /// Encodes the values. Numbers that JSON cannot express become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let values: [(Double, Key)] = [
      (attentionRMS, .attentionRMS), (mambaRMS, .mambaRMS), (attentionShare, .attentionShare),
      (cosine, .cosine), (gateNearZero, .gateNearZero),
    ]
    for (value, key) in values { try container.encode(value.isFinite ? value : nil, forKey: key) }
    try container.encode(positions.map { $0.isFinite ? $0 : nil }, forKey: .positions)
  }
}
