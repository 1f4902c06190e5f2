import HymbaFormat

/// Short vectors that stand for the rows and the columns of a matrix: sums of its elements with signs that depend on the
/// place in the line. Lines that are alike have sketches that are, and rounding moves a sketch as little as its line.
struct LineSketches: Sendable {
  /// The sketches one behind the other, ``width`` numbers each.
  private var rows: [Float]
  private var columns: [Float]

  /// The numbers of a sketch.
  private static let width = 16

  /// Sketches the first or the second matrix of a reading.
  /// - Complexity: Reads both matrices once.
  /// - Throws: The errors of the sources.
  static func both(_ reading: PairReading, _ view: MatrixView, jobs: Int) throws -> (a: LineSketches, b: LineSketches) {
    let pieces = reading.pieces(of: 0..<reading.count)
    let parts = try Parallel.map(count: min(jobs, pieces.count), jobs: jobs) { job in
      var (a, b) = (LineSketches(view), LineSketches(view))
      for piece in stride(from: job, to: pieces.count, by: jobs) {
        try reading.forEachValues(pieces[piece]) { first, valuesA, valuesB in
          a.add(valuesA, from: first, view)
          b.add(valuesB, from: first, view)
          return true
        }
      }
      return (a, b)
    }
    return parts.dropFirst().reduce(into: parts[0]) { sum, part in
      sum.0.add(part.0)
      sum.1.add(part.1)
    }
  }

  private init(_ view: MatrixView) {
    rows = [Float](repeating: 0, count: view.rows * Self.width)
    columns = [Float](repeating: 0, count: view.columns * Self.width)
  }

  private mutating func add(_ values: [Double], from first: Int, _ view: MatrixView) {
    for (index, value) in values.enumerated() where value != 0 && value.isFinite {
      let (row, column) = ((first + index) / view.columns, (first + index) % view.columns)
      let (ofRow, ofColumn) = (Self.signs(column), Self.signs(row))
      for k in 0..<Self.width {
        rows[row * Self.width + k] += Float(ofRow >> UInt64(k) & 1 == 0 ? value : -value)
        columns[column * Self.width + k] += Float(ofColumn >> UInt64(k) & 1 == 0 ? value : -value)
      }
    }
  }

  private mutating func add(_ other: LineSketches) {
    for index in rows.indices { rows[index] += other.rows[index] }
    for index in columns.indices { columns[index] += other.columns[index] }
  }

  /// The signs for a place in a line, one for each bit, by the output function of SplitMix64.
  @inline(__always)
  private static func signs(_ position: Int) -> UInt64 {
    var z = UInt64(truncatingIfNeeded: position &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z &>> 30) &* 0xBF58_476D_1CE4_E5B9
    return z ^ z &>> 27
  }

  // MARK: Matching

  /// The most lines that are matched, as each is compared with all others.
  private static let mostLines = 1 << 14
  /// The square of the distance below which a line has kept its place, relative to the square of its sketch.
  private static let sameLine: Float = 0.1

  /// For each line, the nearest one of another matrix.
  /// - Returns: Nil where two lines have the same one, where each has its own, and for too many lines.
  func order(of other: LineSketches, isOfRows: Bool) -> LineOrder? {
    let (mine, theirs) = isOfRows ? (rows, other.rows) : (columns, other.columns)
    let width = Self.width
    let count = mine.count / width
    guard count > 1, count <= Self.mostLines else { return nil }
    func distance(_ line: Int, _ origin: Int) -> Float {
      var sum: Float = 0
      for k in 0..<width {
        let difference = mine[line * width + k] - theirs[origin * width + k]
        sum += difference * difference
      }
      return sum
    }
    var isTaken = [Bool](repeating: false, count: count)
    var lines: [Int] = []
    for line in 0..<count {
      let square = (0..<width).reduce(Float(0)) { $0 + mine[line * width + $1] * mine[line * width + $1] }
      var (nearest, least) = (line, distance(line, line))
      if least > Self.sameLine * square {
        for origin in 0..<count {
          let found = distance(line, origin)
          if found < least { (nearest, least) = (origin, found) }
        }
      }
      guard !isTaken[nearest] else { return nil }
      isTaken[nearest] = true
      lines.append(nearest)
    }
    return lines == Array(0..<count) ? nil : LineOrder(isOfRows: isOfRows, lines: lines)
  }
}
