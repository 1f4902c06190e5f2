import HymbaFormat
import HymbaModel

/// Statistics of a capture, which stand for its values where these would take too much room.
struct CaptureStatistics: Hashable, Sendable {
  /// The dimensions of the capture, such as [batch, length, width].
  var shape: [Int]
  var mean: Double
  /// The standard deviation of the population.
  var deviation: Double
  var rootMeanSquare: Double
  var least: Double
  var most: Double
  /// The quantiles at ``levels``, between two values in a straight line.
  var quantiles: [Double]
  /// The root mean square at each position, over the batch and the width. Empty for a capture without positions, and
  /// for more than ``Limits/statisticsPositions`` of them.
  var rootMeanSquares: [Double]

  static let levels = [0.05, 0.25, 0.5, 0.75, 0.95]

  /// Computes the statistics of 32-bit floats.
  ///
  /// - Parameter forEachPart: Passes all values in row-major order, part by part. It is called twice.
  /// - Returns: Nil for no values, and for values that are NaN or infinite.
  /// - Throws: The errors of `forEachPart`.
  /// - Complexity: Two passes over the values, in 6 MB of memory.
  init?(shape: [Int], forEachPart: (([Float]) -> Void) throws -> Void) rethrows {
    let hasPositions = shape.count == 3 && shape[1] <= Limits.statisticsPositions
    var first = FirstTally(
      positions: hasPositions ? shape[1] : 1, width: hasPositions ? shape[2] : 1)
    try forEachPart { first.add($0) }
    guard first.count > 0, first.isFinite else { return nil }
    let ranks = Self.levels.map { OrderRank($0, of: first.count) }
    var second = SecondTally(
      mean: first.sum / Double(first.count), finding: ranks.flatMap { [$0.lower, $0.upper] },
      in: first.high)
    try forEachPart { second.add($0) }

    let count = Double(first.count)
    self.shape = shape
    self.mean = second.mean
    self.deviation = (second.squares / count).squareRoot()
    self.rootMeanSquare = (first.squares.reduce(0, +) / count).squareRoot()
    self.least = Double(first.least)
    self.most = Double(first.most)
    self.quantiles = ranks.map { rank in
      let (low, high) = (second.value(rank.lower), second.value(rank.upper))
      return low + (high - low) * rank.fraction
    }
    self.rootMeanSquares =
      hasPositions
      ? first.squares.map { ($0 / (count / Double(shape[1]))).squareRoot() } : []
  }

  init?(_ tensor: Tensor) {
    self.init(shape: tensor.dimensions) { $0(tensor.values) }
  }

  /// The statistics by name, in the order in which they are compared.
  var named: [(name: String, value: Double)] {
    [
      ("mean", mean), ("standard deviation", deviation), ("RMS", rootMeanSquare), ("minimum", least),
      ("maximum", most),
    ] + zip(Self.levels, quantiles).map { ("\(Int(($0 * 100).rounded())) % quantile", $1) }
      + rootMeanSquares.enumerated().map { ("RMS at position \($0)", $1) }
  }

  /// The largest magnitude of a value.
  var largest: Double { max(abs(least), abs(most)) }

  /// The statistic that differs most from that of another capture of the same shape, and by how much.
  ///
  /// Where no value differs by more than some bound, no statistic does: so bounds of values hold for statistics.
  func largestDifference(from other: CaptureStatistics) -> (name: String, value: Double) {
    zip(named, other.named).map { ($0.name, abs($0.value - $1.value)) }
      .reduce(("mean", 0)) { $1.1 > $0.1 ? $1 : $0 }
  }
}

extension Limits {
  /// Positions for which statistics are kept one by one. Thousands of positions of hundreds of captures fill tens of
  /// megabytes of text.
  static let statisticsPositions = 4096
}

/// The place of a quantile among sorted values: between two of them.
private struct OrderRank {
  let lower: Int
  let upper: Int
  let fraction: Double

  init(_ level: Double, of count: Int) {
    let place = level * Double(count - 1)
    self.lower = Int(place)
    self.upper = min(lower + 1, count - 1)
    self.fraction = place - Double(lower)
  }
}

extension Float {
  /// A number in the order of the values: smaller values have smaller numbers.
  fileprivate var ordered: UInt32 {
    let bits = bitPattern
    return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
  }

  fileprivate init(ordered: UInt32) {
    self.init(bitPattern: ordered >> 31 == 1 ? ordered & 0x7FFF_FFFF : ~ordered)
  }
}

/// What the first pass over the values finds.
private struct FirstTally {
  private(set) var count = 0
  private(set) var sum = 0.0
  /// The sum of the squares at each position.
  private(set) var squares: [Double]
  private(set) var least = Float.infinity
  private(set) var most = -Float.infinity
  private(set) var isFinite = true
  /// How many values have each upper half of their ``Swift/Float/ordered``.
  private(set) var high = [Int](repeating: 0, count: 1 << 16)
  private let width: Int
  private var column = 0
  private var position = 0

  init(positions: Int, width: Int) {
    self.squares = [Double](repeating: 0, count: max(1, positions))
    self.width = width
  }

  mutating func add(_ values: [Float]) {
    for value in values {
      isFinite = isFinite && value.isFinite
      sum += Double(value)
      squares[position] += Double(value) * Double(value)
      least = min(least, value)
      most = max(most, value)
      high[Int(value.ordered >> 16)] += 1
      column += 1
      if column == width {
        column = 0
        position = position + 1 == squares.count ? 0 : position + 1
      }
    }
    count += values.count
  }
}

/// What the second pass finds: squared deviations, and single values by their place in the order.
private struct SecondTally {
  let mean: Double
  private(set) var squares = 0.0
  /// For each upper half that a wanted value has, how many values have each lower half.
  private var low: [UInt32: [Int]] = [:]
  /// The number of values below each of these upper halves.
  private var before: [UInt32: Int] = [:]
  private let high: [Int]

  init(mean: Double, finding ranks: [Int], in high: [Int]) {
    self.mean = mean
    self.high = high
    for rank in ranks {
      let (half, count) = Self.half(of: rank, in: high)
      low[half] = [Int](repeating: 0, count: 1 << 16)
      before[half] = count
    }
  }

  private static func half(of rank: Int, in high: [Int]) -> (UInt32, before: Int) {
    var before = 0
    for (half, count) in high.enumerated() {
      if before + count > rank { return (UInt32(half), before) }
      before += count
    }
    return (UInt32(high.count - 1), before)
  }

  mutating func add(_ values: [Float]) {
    for value in values {
      let distance = Double(value) - mean
      squares += distance * distance
      let ordered = value.ordered
      low[ordered >> 16]?[Int(ordered & 0xFFFF)] += 1
    }
  }

  /// The value at a place in the order, counted from 0.
  func value(_ rank: Int) -> Double {
    let (half, before) = Self.half(of: rank, in: high)
    var left = rank - before
    for (part, count) in (low[half] ?? []).enumerated() {
      if count > left { return Double(Float(ordered: half << 16 | UInt32(part))) }
      left -= count
    }
    return 0
  }
}
