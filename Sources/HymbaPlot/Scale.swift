#if canImport(Glibc)
  import Glibc
#endif

/// Maps the numbers of an axis to places of a drawing.
struct Scale {
  let kind: Axis.Kind
  /// The ends of the axis, or their logarithms; low < high.
  let low: Double
  let high: Double
  /// The places of the ends, in units of the drawing.
  var start: Double = 0
  var end: Double = 1

  /// - Parameters:
  ///   - values: The numbers that the axis must show. Numbers that cannot be drawn are passed over.
  ///   - isRounded: Whether the ends are moved outward to round numbers.
  init(_ axis: Axis, _ values: some Sequence<Double>, isRounded: Bool, steps: Int) {
    kind = axis.kind
    var low = Double.infinity
    var high = -Double.infinity
    func take(_ value: Double) {
      guard DrawableNumbers.obstacle(value, axis.kind) == nil else { return }
      let place = axis.kind == .log10 ? Glibc.log10(value) : value
      low = min(low, place)
      high = max(high, place)
    }
    for value in values { take(value) }
    if let least = axis.least {
      take(least.lowerBound)
      take(least.upperBound)
    }
    (low, high) = Self.widened(low, high, axis.kind)
    if isRounded { (low, high) = Self.rounded(low, high, axis, steps) }
    (self.low, self.high) = (low, high)
  }

  /// A range that is wide enough for its ticks to be told apart.
  private static func widened(_ low: Double, _ high: Double, _ kind: Axis.Kind) -> (Double, Double)
  {
    guard low <= high else { return (0, 1) }
    if kind == .log10 {
      return high - low >= 1e-3 ? (low, high) : (low.rounded(.down), low.rounded(.down) + 1)
    }
    let size = max(abs(low), abs(high))
    guard size >= DrawableNumbers.smallest else { return (0, 1) }
    guard high - low < size * 1e-6 else { return (low, high) }
    let margin = min(size * 0.1, DrawableNumbers.largest)
    return (low - margin, high + margin)
  }

  /// The range with its ends moved outward to round numbers.
  private static func rounded(
    _ low: Double, _ high: Double, _ axis: Axis, _ steps: Int
  ) -> (Double, Double) {
    // Where a logarithmic axis has few decades, its ends may be 2 or 5 times a power of ten.
    if axis.kind == .log10, high - low < 1.5 {
      return (Ticks.decadeStep(below: low), -Ticks.decadeStep(below: -high))
    }
    var (low, high) = (low, high)
    let isWhole = axis.kind == .log10 || axis.format == .integer
    // The wider range may need a wider step, to whose multiples the ends move again.
    for _ in 0..<3 {
      let step = Ticks.linearStep(low, high, atMost: steps, integers: isWhole)
      low = step.times(Int((low / step.width + 1e-9).rounded(.down)))
      high = step.times(Int((high / step.width - 1e-9).rounded(.up)))
    }
    return (low, high)
  }

  /// The place of a number; nil for one that cannot be drawn.
  func place(_ value: Double) -> Double? {
    guard DrawableNumbers.obstacle(value, kind) == nil else { return nil }
    return place(scaled: kind == .log10 ? Glibc.log10(value) : value)
  }

  /// - Parameter scaled: The number, or its logarithm on a logarithmic scale.
  func place(scaled: Double) -> Double {
    start + (end - start) * min(max((scaled - low) / (high - low), 0), 1)
  }

  /// The place of 0, or of the end that is nearest to it.
  var base: Double { kind == .log10 ? start : place(scaled: 0) }

  func ticks(atMost count: Int, integers: Bool) -> Ticks {
    kind == .log10
      ? .logarithmic(low, high, atMost: count)
      : .linear(low, high, atMost: count, integers: integers)
  }
}
