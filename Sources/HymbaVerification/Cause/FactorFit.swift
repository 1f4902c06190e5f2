import HymbaFormat
import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// Finds the factor with which a part agrees best with the reference, by Gauss-Newton steps in its logarithm.
enum FactorFit {
  private static let steps = 8
  /// The relative change by which the derivative is taken. It is far above rounding, and small beside 1.
  private static let difference = 0.01
  /// The most that a step changes the logarithm.
  private static let longestStep = 2.0

  /// - Parameters:
  ///   - residual: The residuals of the model as it is.
  ///   - evaluate: The residuals with a factor; nil where it is not possible.
  /// - Returns: Nil where no factor makes the residuals much smaller.
  /// - Throws: The errors of `evaluate`.
  /// - Complexity: At most 40 evaluations, and 6 where the factor has nothing to do with the residuals.
  static func factor(
    from residual: [Double], _ evaluate: (Double) throws -> [Double]?
  ) throws -> Double? {
    var (logarithm, residual) = (0.0, residual)
    let start = square(residual)
    for number in 0..<steps {
      guard let beside = try evaluate(exp(logarithm) * (1 + difference)),
        beside.count == residual.count
      else { return nil }
      let slopes = zip(residual, beside).map { ($0 - $1) / log1p(difference) }
      let steepness = square(slopes)
      guard steepness > 0, steepness.isFinite else { return nil }
      let wanted = zip(slopes, residual).reduce(0) { $0 + $1.0 * $1.1 } / steepness
      var step = max(-longestStep, min(longestStep, wanted))
      let before = square(residual)
      var next = residual
      // A step that goes too far is shortened.
      for _ in 0..<4 {
        guard let tried = try evaluate(exp(logarithm + step)), tried.count == residual.count else {
          return nil
        }
        next = tried
        if square(next) < before { break }
        step /= 4
      }
      guard square(next) < before else { break }
      logarithm += step
      residual = next
      // A factor that is on its way makes the error smaller by a good part with each step.
      if abs(step) < 1e-5 || square(residual) > start * (number == 0 ? 0.99 : 0.8) { break }
    }
    // A hundredth of the square is a tenth of the error.
    guard square(residual) <= start / 100, abs(logarithm) > 1e-6 else { return nil }
    return exp(logarithm)
  }

  private static func square(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
}
