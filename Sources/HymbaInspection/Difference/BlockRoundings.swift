import HymbaConversion
import HymbaFormat

/// How far the elements of a quantised tensor lie from the originals, beside the nearest numbers that their blocks can
/// store.
struct BlockRoundings: Sendable {
  private(set) var count = 0
  /// Elements that are not the nearest number of their block. The scale may have been rounded after the elements were
  /// chosen, which moves the number by as much as F16 rounds.
  private(set) var distant = 0
  /// Whether each element is one of the two numbers between which the original lies, or the last one before it.
  private(set) var areNeighbours = true
  private var squares = 0.0
  private var leastSquares = 0.0

  /// ||nearest - a|| / ||a||, with the nearest numbers that the blocks can store; nil where a is zero.
  var leastChange: Double? { squares > 0 ? (leastSquares / squares).squareRoot() : nil }

  /// - Parameters:
  ///   - reading: The originals and the elements.
  ///   - ends: The two ends of the numbers of each element's block.
  ///   - numbers: How the numbers lie from one end to the other.
  /// - Throws: The errors of the sources.
  /// - Complexity: Reads the four tensors once. Unrelated tensors are left after a piece.
  init(
    _ reading: PairReading, _ ends: PairReading, of numbers: StoredLevels.Numbers, jobs: Int
  ) throws {
    let pieces = reading.pieces(of: 0..<reading.count)
    for group in stride(from: 0, to: pieces.count, by: max(1, jobs)) {
      let size = min(max(1, jobs), pieces.count - group)
      let parts = try Parallel.map(count: size, jobs: jobs) { index in
        var part = BlockRoundings()
        var bounds: (first: [Double], last: [Double]) = ([], [])
        let piece = pieces[group + index]
        try ends.forEachValues(piece) { _, first, last in
          bounds.first += first
          bounds.last += last
          return true
        }
        try reading.forEachValues(piece) { first, a, b in
          let start = first - piece.lowerBound
          for index in a.indices {
            part.add(a[index], b[index], bounds.first[start + index], bounds.last[start + index], numbers)
          }
          return true
        }
        return part
      }
      for part in parts { add(part) }
      guard areNeighbours else { return }
    }
  }

  private init() {}

  /// The rounding in words.
  func words(_ type: String) -> String {
    let others = distant == 0 ? "" : ", but \(distant) of \(count) elements not to the nearest number of their blocks"
    return "rounded to \(type)" + others
  }

  /// Half a unit in the last place of F16, relative and as the smallest step.
  private static let scaleRounding = 0x1p-11
  private static let smallestScaleRounding = 0x1p-25

  private mutating func add(
    _ a: Double, _ b: Double, _ first: Double, _ last: Double, _ numbers: StoredLevels.Numbers
  ) {
    count += 1
    let (least, most) = (min(first, last), max(first, last))
    guard a.isFinite, b.isFinite, least.isFinite, most.isFinite else {
      areNeighbours = areNeighbours && (a == b || a.isNaN && b.isNaN)
      return
    }
    let step = (most - least) / Double(numbers.count - 1)
    let number = step > 0 ? ((a - least) / step).rounded() : 0
    let nearest = min(most, least + max(0, number) * step)
    squares += a * a
    leastSquares += (nearest - a) * (nearest - a)
    // A number is a multiple of the scale, with an offset or without one, and both are rounded to F16.
    let rounded = max(abs(least), abs(most)) + (numbers.haveOffset ? most - least : 0)
    let margin = rounded * Self.scaleRounding + Double(numbers.count) * Self.smallestScaleRounding
    let excess = abs(b - a) - abs(nearest - a)
    // An element whose number was chosen before the scale was rounded may be the other neighbour.
    if abs(b - a) > max(step / 2, abs(nearest - a)) + margin { distant += 1 }
    if excess > step + margin { areNeighbours = false }
  }

  private mutating func add(_ other: BlockRoundings) {
    count += other.count
    distant += other.distant
    areNeighbours = areNeighbours && other.areNeighbours
    squares += other.squares
    leastSquares += other.leastSquares
  }
}
