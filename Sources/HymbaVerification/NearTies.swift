import HymbaModel

/// Positions at which rounding decides which experts a router chooses.
///
/// There, the same model computed in another order may go through another expert, and so may differ in every
/// later position of the sequence: they all read this one.
struct NearTies {
  /// Probabilities closer than this tie: well above what rounding changes in them, about 1e-7.
  static let margin: Float = 1e-5
  /// The margin where rounding carries further, at most: beyond, a choice is the router's.
  private static let largestMargin = 1e-3

  /// Such positions, one for each layer that has them.
  private(set) var count = 0
  /// By sequence: the positions before the first of them, in any layer, without meta positions.
  private(set) var settled: [Int]
  private let metaCount: Int

  /// None so far.
  init(batch: Int, length: Int, metaCount: Int) {
    self.settled = [Int](repeating: length, count: batch)
    self.metaCount = metaCount
  }

  /// The margin of a layer whose probabilities rounding moves by so much; ``margin`` where that is not known.
  static func margin(noise: Double?) -> Float {
    let noise = Tolerance.noiseFactor * (noise ?? 0)
    return max(margin, Float(min(noise.isNaN ? 0 : noise, largestMargin)))
  }

  /// - Parameter probabilities: Of one layer, [batch, meta tokens + length, experts]
  mutating func add(_ probabilities: Tensor, perToken: Int, margin: Float = NearTies.margin) {
    let (length, experts) = (probabilities.dimensions[1], probabilities.dimensions[2])
    for sequence in settled.indices {
      for position in 0..<length {
        let start = (sequence * length + position) * experts
        let choice = ExpertChoice(
          probabilities.values[start..<start + experts], count: perToken)
        guard choice.margin < margin else { continue }
        count += 1
        settled[sequence] = min(settled[sequence], max(0, position - metaCount))
      }
    }
  }

  /// What a check says of the positions that it left out; empty if none.
  func note(leftOut: Int) -> String {
    guard leftOut > 0 else { return "" }
    return
      "; \(leftOut) \(leftOut == 1 ? "position is" : "positions are") left out, at and after near-ties of a router, of which there are \(count)"
  }
}
