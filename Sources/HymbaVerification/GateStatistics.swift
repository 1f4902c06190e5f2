public import HymbaModel

/// Statistics of a layer's fusion gate over the batch, the positions (meta positions included) and the
/// channels. The arithmetic has 64 bits, the values 32.
///
/// A gate near 1 passes the Mamba branch, a gate near 0 the attention branch.
public struct GateStatistics: Hashable, Sendable, Encodable {
  public var mean: Double
  /// The population standard deviation (divided by n).
  public var std: Double
  public var min: Double
  public var max: Double
  /// The share of values below 0.05, where the layer is practically attention alone.
  public var below005: Double
  /// The share of values above 0.95, where the layer is practically Mamba alone.
  public var above095: Double
  /// The values below which the shares of values in ``shares`` lie.
  package var quantiles: [Double]
  /// The mean at each position, over the batch and the channels.
  package var positions: [Double]

  /// The shares of values that belong to ``quantiles``.
  package static let shares = [0.05, 0.25, 0.5, 0.75, 0.95]

  /// - Parameter gate: [batch, length, hidden]
  public init(_ gate: Tensor) {
    let values = gate.values
    let count = Double(Swift.max(1, values.count))
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    self.mean = mean
    self.std =
      (values.reduce(0.0) { sum, value in
        let distance = Double(value) - mean
        return sum + distance * distance
      } / count).squareRoot()
    self.min = values.min().map(Double.init) ?? 0
    self.max = values.max().map(Double.init) ?? 0
    self.below005 = Double(values.count { $0 < 0.05 }) / count
    self.above095 = Double(values.count { $0 > 0.95 }) / count
    self.quantiles = values.quantiles(Self.shares)
    self.positions = gate.means { Double($0) }
  }

  /// Whether all values are within [0, 1], and none is NaN.
  public var isWithinUnitInterval: Bool { min >= 0 && max <= 1 && mean.isFinite }

  private enum Key: String, CodingKey { case mean, std, min, max, below005, above095, quantiles, positions }

  /// Encodes the values. Numbers that JSON cannot express become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let values: [(Double, Key)] = [
      (mean, .mean), (std, .std), (min, .min), (max, .max), (below005, .below005),
      (above095, .above095),
    ]
    for (value, key) in values { try container.encode(value.isFinite ? value : nil, forKey: key) }
    try container.encode(quantiles.map { $0.isFinite ? $0 : nil }, forKey: .quantiles)
    try container.encode(positions.map { $0.isFinite ? $0 : nil }, forKey: .positions)
  }
}
