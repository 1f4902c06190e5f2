package import HymbaFormat

/// What the values of a tensor look like.
///
/// All figures but the counts are of the finite values alone. They are exact, up to the rounding of 64-bit
/// floats, but for the quantiles and the histogram of a tensor of 32-bit or 64-bit numbers with more than 65,536 elements:
/// each value of those is known to ``quantileError`` of itself.
package struct TensorStatistics: Hashable, Sendable, Encodable {
  /// The number of elements.
  package let count: Int
  package let nanCount: Int
  package let infiniteCount: Int
  /// The share of all elements that are zero, of either sign.
  package let zeroShare: Double
  /// The mean; nil where no value is finite, as for the four after it.
  @OrNull package private(set) var mean: Double?
  /// The standard deviation of the population.
  @OrNull package private(set) var std: Double?
  @OrNull package private(set) var min: Double?
  @OrNull package private(set) var max: Double?
  /// The quantiles at ``shares``, in this order, by linear interpolation between neighbours.
  package let quantiles: [Quantile]
  /// The largest error of a quantile relative to its value: 0, or 2^-10.
  package let quantileError: Double
  /// The number of bits of the fraction that some value uses, from the first one on. It is at most 7 for values
  /// that were BF16 once, and 10 for F16, whatever the type is now.
  package let effectiveBits: Int
  @OrNull package private(set) var histogram: Histogram?

  package struct Quantile: Hashable, Sendable, Encodable {
    package let share: Double
    package let value: Double
  }

  /// The values in bins of equal width between the quantiles at 0.001 and 0.999, so that a few far ones do not
  /// hide the others.
  package struct Histogram: Hashable, Sendable, Encodable {
    package let lower: Double
    package let upper: Double
    /// The values in each bin. A value on the border of two bins is in the upper one, and ``upper`` is in the
    /// last. There is one bin where all these values are equal.
    package let counts: [Int]
    /// The values less than ``lower``.
    package let below: Int
    /// The values greater than ``upper``.
    package let above: Int

    /// The number of bins.
    static let bins = 24
  }

  /// The shares of the quantiles.
  package static let shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

  init(_ tally: ValueTally, isExact: Bool) {
    let values = tally.distribution
    let finite = values.moments.count
    self.count = finite + values.notANumbers + values.infinities
    self.nanCount = values.notANumbers
    self.infiniteCount = values.infinities
    let zeroCount = values.entries.reduce(0) { sum, entry in
      entry.range == 0...0 ? sum + entry.count : sum
    }
    self.zeroShare = count == 0 ? 0 : Double(zeroCount) / Double(count)
    self.quantileError = isExact ? 0 : FloatKey.relativeWidth
    self.effectiveBits = 52 - Swift.min(52, values.fraction.trailingZeroBitCount)
    let isEmpty = values.entries.isEmpty
    self.quantiles =
      isEmpty
      ? []
      : zip(Self.shares, values.quantiles(Self.shares)).map { Quantile(share: $0, value: $1) }
    // The sums of the largest numbers of 64 bits are beyond 64 bits.
    func within64Bits(_ value: Double) -> Double? { isEmpty || !value.isFinite ? nil : value }
    self.mean = within64Bits(values.moments.mean)
    self.std = within64Bits(values.moments.deviation)
    self.min = values.entries.first?.range.lowerBound
    self.max = values.entries.last?.range.upperBound
    self.histogram = isEmpty ? nil : Histogram(values)
  }
}

extension TensorStatistics {
  /// The number of zeros, of either sign.
  var zeroCount: Int { Int((zeroShare * Double(count)).rounded()) }

  var isFinite: Bool { nanCount == 0 && infiniteCount == 0 }

  /// The value that all numbers have; nil where they differ, and for a single number.
  var constant: Double? { isFinite && count > 1 && min == max ? min : nil }
}

extension TensorStatistics.Histogram {
  fileprivate init(_ values: ValueDistribution) {
    let ends = values.quantiles([0.001, 0.999])
    let (lower, upper) = (ends[0], ends[1])
    var counts = [Int](repeating: 0, count: lower < upper ? Self.bins : 1)
    var (below, above) = (0, 0)
    for entry in values.entries {
      let value = entry.value(entry.count / 2)
      if value < lower {
        below += entry.count
      } else if value > upper {
        above += entry.count
      } else {
        let place = (value - lower) / (upper - lower) * Double(Self.bins)
        counts[lower < upper ? Swift.min(Self.bins - 1, Int(place)) : 0] += entry.count
      }
    }
    self.lower = lower
    self.upper = upper
    self.counts = counts
    self.below = below
    self.above = above
  }
}
