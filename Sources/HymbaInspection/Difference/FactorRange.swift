import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// The factors that are possible for all elements seen so far, if the second tensor is the first one times a
/// factor.
///
/// Rounding leaves an interval of factors for each element. The factor of a whole tensor lies in all of them.
struct FactorRange: Sendable {
  /// Factors whose products are rounded to the elements of the second tensor.
  private var exact = Interval.all
  /// Reciprocals whose products with the second tensor are rounded to the elements of the first.
  private var backward = Interval.all
  /// Factors whose products are within one unit in the last place.
  private var near = Interval.all
  /// Elements that are not zero in the first tensor.
  private var count = 0

  private struct Interval: Sendable {
    var lower: Double
    var upper: Double

    /// Factors with fewer digits are shown as decimal numbers.
    private static let decimalDigits = 5
    private static let largestDivisor = 4096.0

    static let all = Interval(lower: -.infinity, upper: .infinity)
    static let none = Interval(lower: .infinity, upper: -.infinity)
    var isEmpty: Bool { lower > upper }

    /// Keeps the factors for which `x` times the factor lies within `margin` of `y`.
    mutating func keep(_ x: Double, _ y: Double, margin: Double) {
      let (first, second) = ((y - margin) / x, (y + margin) / x)
      // Division rounds too. The next numbers contain the true bounds.
      lower = max(lower, min(first, second).nextDown)
      upper = min(upper, max(first, second).nextUp)
    }

    mutating func keep(_ other: Interval) {
      lower = max(lower, other.lower)
      upper = min(upper, other.upper)
    }

    /// A factor with few decimal digits, or of which the reciprocal is a whole number, as it is computed with and
    /// for people; nil for an empty interval.
    ///
    /// A decimal number also counts where only its 32-bit rounding lies in the interval: programs multiply by
    /// that.
    var simplest: (factor: Double, text: String)? {
      guard !isEmpty, lower.isFinite, upper.isFinite else { return nil }
      if lower <= 0, upper >= 0 { return (0, "0") }
      let middle = lower + (upper - lower) / 2
      let exponent = Int(log10(abs(middle)).rounded(.down))
      let divisor = (1 / middle).rounded()
      for digits in 1...17 {
        if digits == Self.decimalDigits, abs(divisor) <= Self.largestDivisor,
          lower <= 1 / divisor, 1 / divisor <= upper
        {
          return (1 / divisor, "\(divisor < 0 ? "-" : "")1/\(abs(Int(divisor)))")
        }
        let shift = digits - 1 - exponent
        let power = pow(10, Double(abs(shift)))
        let number =
          shift >= 0 ? (middle * power).rounded() / power : (middle / power).rounded() * power
        for factor in [number, Double(Float(number))] where lower <= factor && factor <= upper {
          return (factor, number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)")
        }
      }
      return (middle, "\(middle)")
    }
  }

  /// Whether a factor is possible.
  var isPossible: Bool { !exact.isEmpty || !backward.isEmpty || !near.isEmpty }

  /// Takes further elements into account.
  mutating func check(_ a: [Double], _ stepsA: FloatSteps, _ b: [Double], _ stepsB: FloatSteps) {
    for index in a.indices {
      let (x, y) = (a[index], b[index])
      guard x.isFinite, y.isFinite else {
        guard x == y || x == -y || x.isNaN && y.isNaN else { return refuse() }
        continue
      }
      guard x != 0 else {
        guard y == 0 else { return refuse() }
        continue
      }
      count += 1
      exact.keep(x, y, margin: stepsB.step(at: y) / 2)
      near.keep(x, y, margin: abs(y) * stepsB.epsilon + stepsB.smallest)
      if y == 0 { backward = .none } else { backward.keep(y, x, margin: stepsA.step(at: x) / 2) }
      guard isPossible else { return }
    }
  }

  private mutating func refuse() { (exact, backward, near) = (.none, .none, .none) }

  /// Takes the factors that are possible for other elements into account.
  mutating func merge(_ other: FactorRange) {
    exact.keep(other.exact)
    backward.keep(other.backward)
    near.keep(other.near)
    count += other.count
  }

  /// A factor of two elements says nothing: two numbers nearly always have one.
  private static let fewestElements = 3

  /// The hypothesis with the simplest factor; nil where there is none, and for the factors 1 and -1.
  var hypothesis: Hypothesis? {
    guard count >= Self.fewestElements else { return nil }
    let reciprocal = backward.simplest.flatMap { found -> (factor: Double, text: String)? in
      guard found.factor != 0 else { return nil }
      return (1 / found.factor, "\(1 / found.factor)")
    }
    guard let (factor, text) = exact.simplest ?? reciprocal ?? near.simplest, abs(factor) != 1
    else { return nil }
    return .scaling(by: factor, text)
  }
}
