import HymbaFormat

/// Sums over the elements of two tensors. The parts of a tensor are summed separately, in any order, and added.
/// Elements of which one is infinite or NaN are counted, and are in no sum.
struct PairMoments: Sendable {
  private(set) var count = 0
  /// Elements whose values differ. Zeros of both signs are equal, and so are all NaN.
  private(set) var differing = 0
  private(set) var notFinite = 0
  /// Elements that are finite in the first tensor and infinite in the second.
  private(set) var overflowed = 0
  private(set) var sumA = 0.0
  private(set) var sumB = 0.0
  private(set) var squaresA = 0.0
  private(set) var squaresB = 0.0
  private(set) var product = 0.0
  private(set) var squaresOfDifference = 0.0
  private(set) var largestDifference = 0.0
  private(set) var rangeA: ClosedRange<Double>?
  private(set) var rangeB: ClosedRange<Double>?

  init() {}

  /// Sums over arrays of as many values.
  init(_ a: [Double], _ b: [Double]) {
    count = a.count
    var (leastA, mostA, leastB, mostB) = (
      Double.infinity, -Double.infinity, Double.infinity, -Double.infinity
    )
    for index in a.indices {
      let (x, y) = (a[index], b[index])
      guard x.isFinite, y.isFinite else {
        notFinite += 1
        if x.isFinite, y.isInfinite { overflowed += 1 }
        if x != y, !(x.isNaN && y.isNaN) { differing += 1 }
        continue
      }
      let difference = x - y
      if difference != 0 { differing += 1 }
      sumA += x
      sumB += y
      squaresA += x * x
      squaresB += y * y
      product += x * y
      squaresOfDifference += difference * difference
      largestDifference = max(largestDifference, abs(difference))
      (leastA, mostA) = (min(leastA, x), max(mostA, x))
      (leastB, mostB) = (min(leastB, y), max(mostB, y))
    }
    guard leastA <= mostA else { return }
    rangeA = leastA...mostA
    rangeB = leastB...mostB
  }

  mutating func add(_ other: PairMoments) {
    count += other.count
    differing += other.differing
    notFinite += other.notFinite
    overflowed += other.overflowed
    sumA += other.sumA
    sumB += other.sumB
    squaresA += other.squaresA
    squaresB += other.squaresB
    product += other.product
    squaresOfDifference += other.squaresOfDifference
    largestDifference = max(largestDifference, other.largestDifference)
    rangeA = Self.union(rangeA, other.rangeA)
    rangeB = Self.union(rangeB, other.rangeB)
  }

  private static func union(
    _ a: ClosedRange<Double>?, _ b: ClosedRange<Double>?
  ) -> ClosedRange<Double>? {
    guard let a, let b else { return a ?? b }
    return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
  }

  // MARK: Distributions

  private var finite: Double { Double(max(1, count - notFinite)) }
  var meanA: Double { sumA / finite }
  var meanB: Double { sumB / finite }
  var deviationA: Double { max(0, squaresA / finite - meanA * meanA).squareRoot() }
  var deviationB: Double { max(0, squaresB / finite - meanB * meanB).squareRoot() }

  /// The correlation of the elements; nil where one tensor is constant.
  var correlation: Double? {
    guard let rangeA, let rangeB, rangeA.lowerBound < rangeA.upperBound,
      rangeB.lowerBound < rangeB.upperBound, deviationA > 0, deviationB > 0
    else { return nil }
    return (product / finite - meanA * meanB) / (deviationA * deviationB)
  }

  /// The share of the elements that differ.
  var share: Double { count == 0 ? 0 : Double(differing) / Double(count) }

  /// Whether the elements may be the same ones in another order.
  ///
  /// - Parameter isRounded: Whether the second tensor is the first one rounded to another type.
  func mayBePermuted(isRounded: Bool) -> Bool {
    guard !isRounded else {
      return abs(squaresA - squaresB) <= 0.02 * max(squaresA, squaresB)
    }
    // The sums are taken in other orders, so they are equal only up to the rounding of 64 bits.
    return rangeA == rangeB && abs(squaresA - squaresB) <= 1e-9 * max(squaresA, squaresB)
  }
}

extension PairReading {
  /// The sums over a range of elements.
  /// - Precondition: ``hasValues``.
  /// - Throws: The errors of the sources.
  func moments(_ range: Range<Int>, jobs: Int) throws -> PairMoments {
    let pieces = pieces(of: range)
    return try Parallel.map(count: pieces.count, jobs: jobs) { index in
      var moments = PairMoments()
      try forEachValues(pieces[index]) { _, a, b in
        moments.add(PairMoments(a, b))
        return true
      }
      return moments
    }.reduce(into: PairMoments()) { $0.add($1) }
  }
}
