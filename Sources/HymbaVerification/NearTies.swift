import HymbaModel

/// The positions at which rounding decides which experts a router chooses.
///
/// The same model, computed in another order, may choose another expert there. It may then differ at this
/// position and at every later position of the sequence, because they all read this one.
struct NearTies {
  /// Two probabilities tie if they differ by less than this. It is well above the changes that rounding makes
  /// in them, about 1e-7.
  static let margin: Float = 1e-5
  /// The largest margin in models in which rounding carries further. Beyond it, a choice counts as the
  /// router's.
  private static let largestMargin = 1e-3

  /// The number of near-ties. A position counts once for each layer in which it has one.
  private(set) var count = 0
  /// For each sequence, the number of positions before its first near-tie in any layer, meta positions not
  /// counted.
  private(set) var settled: [Int]
  private let metaCount: Int

  /// No near-ties so far.
  init(batch: Int, length: Int, metaCount: Int) {
    self.settled = [Int](repeating: length, count: batch)
    self.metaCount = metaCount
  }

  /// The margin of a layer.
  ///
  /// - Parameter noise: The largest change of a probability by rounding; nil where it is not known, which gives
  ///   at least ``margin``.
  static func margin(noise: Double?) -> Float {
    let noise = Tolerance.noiseFactor * (noise ?? 0)
    return max(margin, Float(min(noise.isNaN ? 0 : noise, largestMargin)))
  }

  /// Adds the near-ties of one layer.
  ///
  /// - Parameter probabilities: [batch, meta tokens + length, experts]
  /// - Complexity: Sorts the experts of each position.
  mutating func add(_ probabilities: Tensor, _ chooser: ExpertChooser, margin: Float = NearTies.margin) {
    let (length, experts) = (probabilities.dimensions[1], probabilities.dimensions[2])
    for sequence in settled.indices {
      for position in 0..<length {
        let start = (sequence * length + position) * experts
        let choice = chooser(probabilities.values[start..<start + experts])
        guard choice.margin < margin else { continue }
        count += 1
        settled[sequence] = min(settled[sequence], max(0, position - metaCount))
      }
    }
  }

  /// The words of a check for the positions that it left out; empty if there are none.
  func note(leftOut: Int) -> String {
    guard leftOut > 0 else { return "" }
    return
      "; \(leftOut) \(leftOut == 1 ? "position is" : "positions are") left out, at and after near-ties of a router, of which there are \(count)"
  }
}
