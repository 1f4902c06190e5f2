import HymbaFormat

extension PairMoments {
  /// The fewest elements whose correlation says anything.
  private static let fewestElements = 6

  /// The explanation for values that were drawn anew: every element is the same, or mean and standard deviation
  /// stayed and the correlation is about 0. Nil for anything else, and for the former values in another order.
  var redrawn: Explanation? {
    guard notFinite == 0 else { return nil }
    if count > 1, let rangeB, rangeB.lowerBound == rangeB.upperBound {
      return Explanation(
        .unrelated, "every element is \(rangeB.lowerBound.shortText), as set by an initialisation", exact: false)
    }
    // The same sum of squares to the last digits is that of the same magnitudes in another order.
    guard count >= Self.fewestElements, abs(squaresA - squaresB) > 1e-9 * max(squaresA, squaresB), let correlation, rangeA != rangeB else { return nil }
    // The estimates of independent samples stray by about 1 / sqrt(count).
    let stray = 1 / Double(count).squareRoot()
    let ratio = deviationB / deviationA
    let tolerance = 0.1 + 3 * stray
    let distance = abs(meanA - meanB) / max(deviationA, deviationB)
    guard abs(correlation) <= min(0.6, max(0.02, 4 * stray)), ratio <= 1 + tolerance,
      1 / ratio <= 1 + tolerance, distance <= 0.25 + 4 * stray
    else { return nil }
    let detail =
      "other values of the same mean and standard deviation, correlation \(correlation.shortText)"
    return Explanation(.unrelated, detail + ", as if drawn anew", exact: false)
  }
}
