/// How often each value occurs, in the order of the values.
struct ValueDistribution: Sendable {
  /// Values that were counted together.
  struct Entry: Sendable {
    /// The smallest and the largest that they can be; the same where the value is known exactly.
    let range: ClosedRange<Double>
    let count: Int

    init(_ range: ClosedRange<Double>, count: Int) {
      self.range = range
      self.count = count
    }

    /// The value with a position among those of the entry, counted from 0. Values in between are taken as
    /// spread evenly.
    func value(_ position: Int) -> Double {
      guard range.lowerBound < range.upperBound else { return range.lowerBound }
      let share = (Double(position) + 0.5) / Double(count)
      return range.lowerBound + (range.upperBound - range.lowerBound) * share
    }
  }

  /// The finite values.
  let entries: [Entry]
  let moments: Moments
  let notANumbers: Int
  let infinities: Int
  /// The bits that some finite value has in the fraction of its 64-bit form.
  let fraction: UInt64

  init(
    _ entries: [Entry], moments: Moments, notANumbers: Int, infinities: Int, fraction: UInt64
  ) {
    self.entries = entries
    self.moments = moments
    self.notANumbers = notANumbers
    self.infinities = infinities
    self.fraction = fraction
  }

  /// - Parameter values: The values with their counts, sorted, NaN last. Values may come more than once.
  init(_ values: [(value: Double, count: Int)]) {
    var entries: [Entry] = []
    var (notANumbers, infinities, finite) = (0, 0, 0)
    var sum = 0.0
    var fraction: UInt64 = 0
    for (value, count) in values {
      if value.isNaN {
        notANumbers += count
      } else if value.isInfinite {
        infinities += count
      } else {
        // The sum takes the sign from a negative zero.
        entries.append(Entry(value + 0...value + 0, count: count))
        finite += count
        sum += value * Double(count)
        fraction |= value.significandBitPattern
      }
    }
    let mean = finite == 0 ? 0 : sum / Double(finite)
    let squares = entries.reduce(0.0) { sum, entry in
      let deviation = entry.range.lowerBound - mean
      return sum + deviation * deviation * Double(entry.count)
    }
    self.init(
      entries, moments: Moments(count: finite, mean: mean, squares: squares),
      notANumbers: notANumbers, infinities: infinities, fraction: fraction)
  }

  /// - Parameter values: The values, sorted, NaN last.
  init(_ values: [Double]) { self.init(values.map { ($0, 1) }) }

  /// The quantiles at shares in rising order, by linear interpolation between neighbours, as `numpy.quantile` has
  /// them.
  /// - Precondition: There is a finite value.
  func quantiles(_ shares: [Double]) -> [Double] {
    var position = 0
    var before = 0
    /// The value with a rank. Ranks must not fall from call to call.
    func value(_ rank: Int) -> Double {
      while position < entries.count - 1, rank >= before + entries[position].count {
        before += entries[position].count
        position += 1
      }
      return entries[position].value(min(rank - before, entries[position].count - 1))
    }
    return shares.map { share in
      let place = Double(moments.count - 1) * share
      let rank = Int(place)
      let lower = value(rank)
      guard place > Double(rank) else { return lower }
      let (keptPosition, keptBefore) = (position, before)
      let upper = value(rank + 1)
      (position, before) = (keptPosition, keptBefore)
      return lower + (upper - lower) * (place - Double(rank))
    }
  }
}
