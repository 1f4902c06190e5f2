#if canImport(Glibc)
  import Glibc
#endif

/// Places on an axis at round numbers.
struct Ticks {
  /// Multiples of a step of 1, 2 or 5 times a power of ten, in ascending order.
  var numbers: [DecimalNumber]
  /// The same as places on the scale: the number, or its logarithm.
  var places: [Double]

  /// A step of 1, 2 or 5 times a power of ten.
  struct Step: Hashable {
    var factor: Int
    var exponent: Int

    /// The smallest such step from `width` on.
    ///
    /// - Parameter width: A positive number.
    init(atLeast width: Double) {
      let exponent = Int(Glibc.log10(width).rounded(.down))
      let mantissa = width / pow(10, Double(exponent))
      // Without the slack, a width of 0.2 would become a step of 0.5.
      let slack = 1 + 1e-9
      self =
        mantissa <= slack
        ? Step(1, exponent)
        : mantissa <= 2 * slack
          ? Step(2, exponent) : mantissa <= 5 * slack ? Step(5, exponent) : Step(1, exponent + 1)
    }

    init(_ factor: Int, _ exponent: Int) {
      self.factor = factor
      self.exponent = exponent
    }

    /// The multiple of the step. It is a quotient for negative exponents, as 3 / 10 is 0.3 and 3 * 0.1 is
    /// not.
    func times(_ index: Int) -> Double {
      let number = Double(index * factor)
      return exponent < 0 ? number / pow(10, Double(-exponent)) : number * pow(10, Double(exponent))
    }

    var width: Double { times(1) }
  }

  /// Ticks in a range of a linear scale.
  ///
  /// - Parameters:
  ///   - low, high: Drawable numbers, low < high.
  ///   - count: The largest number of steps that the range is divided in.
  static func linear(_ low: Double, _ high: Double, atMost count: Int, integers: Bool) -> Ticks {
    let step = linearStep(low, high, atMost: count, integers: integers)
    let first = Int((low / step.width - 1e-9).rounded(.up))
    let last = Int((high / step.width + 1e-9).rounded(.down))
    let indices = first <= last ? Array(first...last) : []
    return Ticks(
      numbers: indices.map { DecimalNumber(digits: $0 * step.factor, exponent: step.exponent) },
      places: indices.map(step.times))
  }

  static func linearStep(
    _ low: Double, _ high: Double, atMost count: Int, integers: Bool
  ) -> Step {
    let width = (high - low) / Double(max(1, count))
    return Step(atLeast: integers ? max(1, width) : width)
  }

  /// The logarithm of the largest 1, 2 or 5 times a power of ten that is not above a number.
  ///
  /// The numbers 1, 2 and 5 divide 10, so that the negative of the result for a negative logarithm is the
  /// smallest such number that is not below.
  static func decadeStep(below logarithm: Double) -> Double {
    let decade = (logarithm + 1e-9).rounded(.down)
    return decade
      + (logarithm + 1e-9 - decade >= Glibc.log10(5)
        ? Glibc.log10(5)
        : logarithm + 1e-9 - decade >= Glibc.log10(2) ? Glibc.log10(2) : 0)
  }

  /// Ticks in a range of a logarithmic scale: powers of ten, and 2 and 5 times them where there is room.
  ///
  /// - Parameter low, high: The logarithms of the ends, low < high.
  static func logarithmic(_ low: Double, _ high: Double, atMost count: Int) -> Ticks {
    let step = linearStep(low, high, atMost: count, integers: true)
    let decades = linear(low, high, atMost: count, integers: true)
    let exponents = decades.places.map { Int($0) }
    guard step.width == 1, 3 * (high - low) <= Double(count + 1) else {
      return Ticks(
        numbers: exponents.map { DecimalNumber(digits: 1, exponent: $0) }, places: decades.places)
    }
    let numbers = (Int(low.rounded(.down))...Int(high.rounded(.up))).flatMap { exponent in
      [1, 2, 5].map { DecimalNumber(digits: $0, exponent: exponent) }
    }
    let placed = numbers.map { ($0, Double($0.exponent) + Glibc.log10(Double($0.digits))) }
      .filter { $0.1 >= low - 1e-9 && $0.1 <= high + 1e-9 }
    return Ticks(numbers: placed.map(\.0), places: placed.map(\.1))
  }
}
