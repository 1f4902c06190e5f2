import HymbaFormat

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
  static func rounding(noise: Double, total: Double, _ steps: FloatSteps) -> Double? {
    let bound = 4 * noise + 4 * steps.epsilon * steps.epsilon * total
    return bound <= largestRounding * total ? bound : nil
  }
}
