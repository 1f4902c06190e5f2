import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// The agreement of two sets of scores as distributions over a vocabulary.
struct DistributionAgreement {
  /// The share of positions at which both sides have the same highest score.
  let top1: Double
  /// The mean Kullback-Leibler divergence of the computed from the expected distribution, in nats, at least 0;
  /// nil when it is not finite.
  let divergence: Double?

  /// - Parameters:
  ///   - got, expected: [..., vocabulary], the same number of values in both
  ///   - size: The size of the vocabulary.
  /// - Precondition: There is at least one position.
  init(_ got: Tensor, _ expected: Tensor, _ size: Int) {
    let rows = expected.values.count / size
    var agreeing = 0
    var sum = 0.0
    for row in 0..<rows {
      let range = row * size..<(row + 1) * size
      let (mine, theirs) = (got.values[range], expected.values[range])
      if mine.indices.max(by: { mine[$0] < mine[$1] })
        == theirs.indices.max(by: { theirs[$0] < theirs[$1] })
      {
        agreeing += 1
      }
      let (p, q) = (Self.logProbabilities(theirs), Self.logProbabilities(mine))
      sum += zip(p, q).reduce(0.0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }
    self.top1 = Double(agreeing) / Double(rows)
    let mean = sum / Double(rows)
    // A divergence is never negative. For equal distributions, rounding can make the computed sum slightly
    // negative.
    self.divergence = mean.isFinite ? max(0, mean) : nil
  }

  private static func logProbabilities(_ scores: ArraySlice<Float>) -> [Double] {
    let largest = Double(scores.max() ?? 0)
    let total = log(scores.reduce(0.0) { $0 + exp(Double($1) - largest) })
    return scores.map { Double($0) - largest - total }
  }
}
