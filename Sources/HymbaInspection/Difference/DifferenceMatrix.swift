import HymbaFormat
import HymbaModel
import Synchronization

/// The difference of two matrices, of which only some rows are in memory.
struct DifferenceMatrix: Sendable {
  let reading: PairReading
  let view: MatrixView
  let jobs: Int

  init(_ reading: PairReading, _ view: MatrixView, jobs: Int) {
    self.reading = reading
    self.view = view
    self.jobs = jobs
  }

  /// Blocks of whole rows, each about a piece of the tensor.
  private func blocks(of rows: Range<Int>) -> [Range<Int>] {
    let size = max(1, reading.pieceElements / view.columns)
    return stride(from: rows.lowerBound, to: rows.upperBound, by: size).map {
      $0..<min($0 + size, rows.upperBound)
    }
  }

  /// The most rows and columns of the sample.
  private static let sampled = 160

  /// The rank of some rows and columns of the difference, which the whole has at least; nil where it is larger
  /// than `rank`. Most differences have full rank, and cost no more than this. Where the sample is too small to
  /// tell, this is `rank` itself.
  func sampledRank(upTo rank: Int, _ steps: FloatSteps) throws -> Int? {
    let (rows, columns) = (min(view.rows, Self.sampled), min(view.columns, Self.sampled))
    guard min(rows, columns) >= 2 * rank else { return rank }
    let first = (view.rows - rows) / 2
    let places = (0..<columns).map { $0 * view.columns / columns }
    // The sampled columns, one after another.
    var sample = [[Double]](repeating: [Double](repeating: 0, count: rows), count: columns)
    var noise = 0.0
    // The places of the sample in the tensor, row by row.
    let chosen = (0..<rows).flatMap { row in places.map { (first + row) * view.columns + $0 } }
    var next = 0
    for block in blocks(of: first..<first + rows) {
      let elements = block.lowerBound * view.columns..<block.upperBound * view.columns
      try reading.forEachValues(elements) { position, a, b in
        while next < chosen.count, chosen[next] < position + a.count {
          let index = chosen[next] - position
          sample[next % columns][next / columns] = b[index] - a[index]
          let step = steps.step(at: b[index])
          noise += step * step / 12
          next += 1
        }
        return true
      }
    }
    let total = sample.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    guard total > 0 else { return rank }
    guard let bound = LowRankChange.rounding(noise: noise, total: total, steps) else { return nil }
    // The chosen columns are rounded as well, and do not span the best space of their number.
    return Self.rank(of: sample, upTo: rank, leaving: 4 * bound)
  }

  /// How many columns, the largest first, must be projected out until no more than a sum of squares is left; nil
  /// where more than `largest`.
  private static func rank(of columns: [[Double]], upTo largest: Int, leaving bound: Double) -> Int? {
    var columns = columns
    func squares(_ column: [Double]) -> Double { column.reduce(0) { $0 + $1 * $1 } }
    for rank in 0...largest {
      let norms = columns.map(squares)
      if norms.reduce(0, +) <= bound { return max(1, rank) }
      guard let longest = norms.indices.max(by: { norms[$0] < norms[$1] }) else { return nil }
      let length = norms[longest].squareRoot()
      let direction = columns[longest].map { $0 / length }
      for index in columns.indices {
        var share = 0.0
        for row in direction.indices { share += direction[row] * columns[index][row] }
        for row in direction.indices { columns[index][row] -= share * direction[row] }
      }
    }
    return nil
  }

  /// Passes each element of a block of rows with its row and column.
  private func forEachElement(
    of block: Range<Int>, _ body: (_ row: Int, _ column: Int, _ difference: Double, _ b: Double) -> Void
  ) throws {
    let columns = view.columns
    try reading.forEachValues(block.lowerBound * columns..<block.upperBound * columns) { first, a, b in
      var (row, column) = (first / columns, first % columns)
      for index in a.indices {
        body(row, column, b[index] - a[index], b[index])
        column += 1
        if column == columns { (row, column) = (row + 1, 0) }
      }
      return true
    }
  }

  /// Seeded random vectors, [columns, k].
  func randomVectors(_ k: Int) -> [Double] {
    var generator = SplitMix64(seed: 0)
    return (0..<view.columns * k).map { _ in Double(SplitMix64.unit(generator.next())) }
  }

  /// The products of the rows with vectors [columns, k]: [rows, k]; and the sum of squares that rounding the
  /// second matrix makes.
  func times(
    _ vectors: [Double], _ k: Int, _ steps: FloatSteps
  ) throws -> (products: [Double], noise: Double) {
    let blocks = blocks(of: 0..<view.rows)
    let parts = try Parallel.map(count: blocks.count, jobs: jobs) { index in
      let block = blocks[index]
      var products = [Double](repeating: 0, count: block.count * k)
      var noise = 0.0
      try unsafe products.withUnsafeMutableBufferPointer { products in
        try unsafe vectors.withUnsafeBufferPointer { vectors in
          try forEachElement(of: block) { row, column, difference, b in
            let step = steps.step(at: b)
            noise += step * step / 12
            guard difference != 0 else { return }
            let (to, from) = ((row - block.lowerBound) * k, column * k)
            for vector in 0..<k { unsafe products[to + vector] += difference * vectors[from + vector] }
          }
        }
      }
      return (products, noise)
    }
    return (parts.flatMap(\.0), parts.reduce(0) { $0 + $1.1 })
  }

  /// The transposed matrix times a basis [rows, k]: [columns, k].
  func transposedTimes(_ basis: [Double], _ k: Int) throws -> [Double] {
    let blocks = blocks(of: 0..<view.rows)
    let sums = Mutex<[[Double]]>([])
    // A thread goes on with the sums of one that is done, so there are as many sums as threads.
    _ = try Parallel.map(count: blocks.count, jobs: jobs) { index in
      var sum =
        sums.withLock { $0.popLast() } ?? [Double](repeating: 0, count: view.columns * k)
      try unsafe sum.withUnsafeMutableBufferPointer { sum in
        try unsafe basis.withUnsafeBufferPointer { basis in
          try forEachElement(of: blocks[index]) { row, column, difference, _ in
            guard difference != 0 else { return }
            let (to, from) = (column * k, row * k)
            for vector in 0..<k { unsafe sum[to + vector] += difference * basis[from + vector] }
          }
        }
      }
      sums.withLock { $0.append(sum) }
    }
    return sums.withLock { sums in
      var total = [Double](repeating: 0, count: view.columns * k)
      for sum in sums { for index in total.indices { total[index] += sum[index] } }
      return total
    }
  }
}
