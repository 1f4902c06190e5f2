import HymbaFormat
import HymbaModel
import Synchronization

/// The rank of the difference of two matrices, by a randomised singular value decomposition (Halko, Martinsson,
/// Tropp: Finding structure with randomness, 2011).
///
/// The difference D is read four times and never held. The products of its rows with random vectors give a basis
/// of its columns. Its products with D give better vectors, and those a better basis Q. The singular values are
/// those of Q transposed times D.
struct LowRankChange: Sendable {
  /// The fewest singular values that hold the difference up to rounding.
  let rank: Int
  /// The share of the squared differences that they hold.
  let energy: Double

  /// The largest rank that is looked for.
  private static let largestRank = 64
  /// Random vectors beyond the largest rank. With them the basis holds all of a difference of that rank.
  private static let oversampling = 8
  /// The memory for the random vectors, the basis and the products, in bytes.
  private static let memory = 64 << 20

  /// A plan for a matrix; nil where the matrix is no matrix.
  struct Plan {
    let view: MatrixView
    /// The number of random vectors.
    let vectors: Int
    let largestRank: Int

    /// Whether the vectors fit into the memory for them.
    var fits: Bool { largestRank > 0 }

    init?(_ view: MatrixView, jobs: Int) {
      guard view.batches == 1, view.isMatrix else { return nil }
      let smaller = min(view.rows, view.columns)
      let fitting = LowRankChange.memory / 8 / (view.rows + (jobs + 1) * view.columns)
      self.view = view
      self.vectors = min(LowRankChange.largestRank + LowRankChange.oversampling, smaller, fitting)
      // A rank of more than half of the rows says nothing about the change.
      self.largestRank =
        vectors == smaller
        ? min(smaller / 2, LowRankChange.largestRank)
        : min(smaller / 2, vectors - LowRankChange.oversampling)
    }
  }

  /// - Parameter moments: The sums over both tensors.
  /// - Returns: Nil where the rank is larger than the plan's largest, and where it is that of the few lines that
  ///   changed.
  /// - Throws: The errors of the sources.
  init?(_ reading: PairReading, _ plan: Plan, _ moments: PairMoments, jobs: Int) throws {
    guard plan.fits, let steps = FloatSteps(reading.typeB), moments.notFinite == 0 else { return nil }
    let total = moments.squaresOfDifference
    guard total > 0 else { return nil }
    let matrix = DifferenceMatrix(reading, plan.view, jobs: jobs)
    guard let sampled = try matrix.sampledRank(upTo: plan.largestRank, steps) else { return nil }
    // The work grows with the vectors. Those for the rank of the sample are tried first.
    for k in Set([min(sampled + Self.oversampling, plan.vectors), plan.vectors]).sorted() {
      let most = k == plan.vectors ? plan.largestRank : sampled
      guard let found = try Self.rank(of: matrix, k, upTo: most, total: total, steps) else { continue }
      // Few elements that changed have a low rank as well. The rank must be well below the lines that changed.
      let lines = moments.differing / max(plan.view.rows, plan.view.columns)
      guard 2 * found.rank <= lines else { return nil }
      self.rank = found.rank
      self.energy = min(1, max(0, 1 - found.left / total))
      return
    }
    return nil
  }

  /// The fewest singular values that hold a matrix up to rounding, and the squares that they leave; nil where
  /// more than `largest` are needed.
  private static func rank(
    of matrix: DifferenceMatrix, _ k: Int, upTo largest: Int, total: Double, _ steps: FloatSteps
  ) throws -> (rank: Int, left: Double)? {
    let (rows, columns) = (matrix.view.rows, matrix.view.columns)
    let (sketch, noise) = try matrix.times(matrix.randomVectors(k), k, steps)
    guard let bound = Self.rounding(noise: noise, total: total, steps) else { return nil }
    let first = Self.orthonormal(sketch, rows: rows, columns: k)
    let vectors = Self.orthonormal(try matrix.transposedTimes(first, k), rows: columns, columns: k)
    let basis = Self.orthonormal(
      try matrix.times(vectors, k, steps).products, rows: rows, columns: k)
    let products = try matrix.transposedTimes(basis, k)
    let energies = Self.eigenvalues(Self.gram(products, rows: columns, columns: k), k)
    var left = total
    for rank in 1...max(1, largest) {
      left -= max(0, energies[rank - 1])
      if left <= bound { return (rank, left) }
    }
    return nil
  }

  /// The largest share of a difference that rounding may have made. Where it is more, rounding hides the rank.
  private static let largestRounding = 0.05

  /// The sum of squares that rounding may leave of a difference: four times what rounding the elements of the
  /// second matrix makes, and what computing the difference in their type makes.
  /// - Returns: Nil where that is so much of the difference that its rank cannot be seen.
  fileprivate static func rounding(noise: Double, total: Double, _ steps: FloatSteps) -> Double? {
    let bound = 4 * noise + 4 * steps.epsilon * steps.epsilon * total
    return bound <= largestRounding * total ? bound : nil
  }

  // MARK: Linear algebra in 64 bits

  /// An orthonormal basis of the columns of a matrix, by the modified Gram-Schmidt process, applied twice.
  /// Columns that depend on those before them become zero.
  ///
  /// - Parameter matrix: [rows, columns], row by row.
  private static func orthonormal(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    // The columns are kept one after another, so that each is contiguous.
    var basis = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { basis[column * rows + row] = matrix[row * columns + column] }
    }
    unsafe basis.withUnsafeMutableBufferPointer { basis in
      func product(_ a: Int, _ b: Int) -> Double {
        var sum = 0.0
        for row in 0..<rows { unsafe sum += basis[a * rows + row] * basis[b * rows + row] }
        return sum
      }
      for column in 0..<columns {
        let before = product(column, column)
        for _ in 0..<2 {
          for other in 0..<column {
            let share = product(other, column)
            for row in 0..<rows { unsafe basis[column * rows + row] -= share * basis[other * rows + row] }
          }
        }
        let norm = product(column, column)
        let factor = norm > 1e-24 * before && norm > 0 ? 1 / norm.squareRoot() : 0
        for row in 0..<rows { unsafe basis[column * rows + row] *= factor }
      }
    }
    var result = matrix
    for row in 0..<rows {
      for column in 0..<columns { result[row * columns + column] = basis[column * rows + row] }
    }
    return result
  }

  /// The products of the columns of a matrix with each other, [columns, columns].
  private static func gram(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    var gram = [Double](repeating: 0, count: columns * columns)
    unsafe matrix.withUnsafeBufferPointer { matrix in
      for row in 0..<rows {
        for a in 0..<columns {
          let value = unsafe matrix[row * columns + a]
          for b in 0..<columns { unsafe gram[a * columns + b] += value * matrix[row * columns + b] }
        }
      }
    }
    return gram
  }

  /// The eigenvalues of a symmetric matrix, the largest first, by Jacobi's rotations.
  private static func eigenvalues(_ symmetric: [Double], _ size: Int) -> [Double] {
    var m = symmetric
    let scale = symmetric.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<30 {
      var off = 0.0
      for row in 0..<size {
        for column in 0..<size where row != column { off += m[row * size + column] * m[row * size + column] }
      }
      guard off > 1e-30 * scale else { break }
      for p in 0..<size {
        for q in p + 1..<max(p + 1, size) where m[p * size + q] != 0 {
          let theta = (m[q * size + q] - m[p * size + p]) / (2 * m[p * size + q])
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for i in 0..<size {
            let (a, b) = (m[i * size + p], m[i * size + q])
            (m[i * size + p], m[i * size + q]) = (c * a - s * b, s * a + c * b)
          }
          for i in 0..<size {
            let (a, b) = (m[p * size + i], m[q * size + i])
            (m[p * size + i], m[q * size + i]) = (c * a - s * b, s * a + c * b)
          }
        }
      }
    }
    return (0..<size).map { m[$0 * size + $0] }.sorted(by: >)
  }
}

/// The difference of two matrices, of which only some rows are in memory.
private struct DifferenceMatrix: Sendable {
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
