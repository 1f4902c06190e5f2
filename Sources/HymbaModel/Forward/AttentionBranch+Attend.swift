import HymbaFormat

extension AttentionBranch {
  /// The number of queries that are computed at once. It bounds the memory of the scores, whatever the length.
  private static let queryBlock = 64

  /// softmax(scale * q · kᵀ) · v for every head of every sequence.
  ///
  /// The query at a position sees the learned keys, the pinned positions, its own position, and the positions
  /// before it, at most `window` back.
  ///
  /// - Parameters:
  ///   - q: [batch * length, queryWidth]
  ///   - keyValues: The keys and values of earlier positions, and as ``KeyValueCache/current`` those of the
  ///     positions of `q`.
  ///   - position: The position of the first query of each sequence.
  /// - Returns: [batch * length, heads * valueHeadSize]
  /// - Complexity: Linear in the number of queries times the number of keys. Memory for the scores of 64
  ///   queries a head.
  func attend(_ q: Matrix, _ keyValues: KeyValueCache, from position: Int) -> Matrix {
    let batch = keyValues.keys.count
    let length = q.rows / batch
    // A single query is computed together with those of the other heads that read the same keys.
    let headsAtOnce = length == 1 ? shape.heads / shape.keyValueHeads : 1
    let units = shape.heads / headsAtOnce
    let width = headsAtOnce * shape.valueHeadSize
    let seen = keyValues.positions.count + length
    let isLarge = batch * length * seen * shape.outputWidth > 1 << 17
    let results = Parallel.map(count: batch * units, jobs: isLarge ? jobs : 1) { index in
      let (sequence, unit) = index.quotientAndRemainder(dividingBy: units)
      return attend(
        HeadQueries(
          q: q, sequence: sequence, length: length, position: position,
          heads: unit * headsAtOnce..<(unit + 1) * headsAtOnce), keyValues)
    }
    var mixed = Matrix(rows: q.rows, columns: shape.outputWidth)
    for (index, values) in results.enumerated() {
      let (sequence, unit) = index.quotientAndRemainder(dividingBy: units)
      mixed.replaceColumns(
        from: unit * width, row: sequence * length,
        with: Matrix(rows: length, columns: width, values: values))
    }
    return mixed
  }

  /// The probabilities with which one head of the first sequence reads each key.
  ///
  /// They are computed again, so that a pass that nobody asks for them does nothing more.
  ///
  /// - Parameters: As of ``attend(_:_:from:)``.
  /// - Returns: [queries behind the prepended meta tokens, learned keys + positions up to the last query]. A key
  ///   that a query does not see has 0.
  /// - Complexity: As ``attend(_:_:from:)`` for one head, and memory for the result.
  func weights(
    of head: Int, _ q: Matrix, _ keyValues: KeyValueCache, from position: Int
  ) -> Matrix {
    let length = q.rows / keyValues.keys.count
    let queries = HeadQueries(
      q: q, sequence: 0, length: length, position: position, heads: head..<head + 1)
    let (learned, first) = (meta?.keys.rows ?? 0, min(max(0, pinned - position), length))
    var weights = Matrix(rows: length - first, columns: learned + position + length)
    for start in stride(from: first, to: length, by: Self.queryBlock) {
      let block = start..<min(start + Self.queryBlock, length)
      let segments = segments(
        keyValues, queries,
        positions: queries.position(of: start)...queries.position(of: block.upperBound - 1))
      let probabilities = probabilities(
        queries, block, segments, group: head / (shape.heads / shape.keyValueHeads))
      let columns = segments.flatMap { $0.columns(learned: learned) }
      for (row, query) in block.enumerated() {
        let target = (query - first) * weights.columns
        for (column, value) in zip(columns, probabilities.row(row)) {
          weights.values[target + column] = value
        }
      }
    }
    return weights
  }

  /// The queries of one head of one sequence at several positions, or of several heads at one position.
  private struct HeadQueries {
    let q: Matrix
    let sequence: Int
    let length: Int
    /// The position of the first query.
    let position: Int
    /// One head, or a group of heads that read the same keys.
    let heads: Range<Int>

    var count: Int { length == 1 ? heads.count : length }

    func position(of query: Int) -> Int { length == 1 ? position : position + query }

    func view(_ range: Range<Int>, headSize: Int) -> MatrixView {
      let stride = length == 1 ? headSize : q.columns
      return MatrixView(
        q.values,
        offset: sequence * length * q.columns + heads.lowerBound * headSize + range.lowerBound
          * stride, rows: range.count, columns: headSize, stride: stride)
    }
  }

  /// Keys and values that are contiguous in memory.
  private struct Segment {
    enum Positions {
      /// Learned keys have no positions; every query sees them.
      case none
      /// Earlier positions, in any order.
      case slots([Int])
      /// Consecutive positions, from this one on.
      case run(from: Int)
    }

    let keys: [Float]
    let values: [Float]
    let rows: Range<Int>
    let positions: Positions

    /// The place of each key where the learned keys come first, and then those of all positions in order.
    func columns(learned: Int) -> [Int] {
      switch positions {
      case .none: Array(0..<rows.count)
      case .slots(let positions): positions.map { learned + $0 }
      case .run(let first): (0..<rows.count).map { learned + first + $0 }
      }
    }
  }

  /// The attention of one ``HeadQueries``.
  ///
  /// - Returns: [queries, valueHeadSize]
  private func attend(_ queries: HeadQueries, _ keyValues: KeyValueCache) -> [Float] {
    let valueSize = shape.valueHeadSize
    let group = queries.heads.lowerBound / (shape.heads / shape.keyValueHeads)
    var mixed = [Float](repeating: 0, count: queries.count * valueSize)
    for start in stride(from: 0, to: queries.count, by: Self.queryBlock) {
      let block = start..<min(start + Self.queryBlock, queries.count)
      let segments = segments(
        keyValues, queries,
        positions: queries.position(of: start)...queries.position(of: block.upperBound - 1))
      let scores = probabilities(queries, block, segments, group: group)
      let width = scores.columns
      var column = 0
      for segment in segments {
        BLAS.multiply(
          MatrixView(
            scores.values, offset: column, rows: block.count, columns: segment.rows.count,
            stride: width),
          MatrixView(
            segment.values, offset: segment.rows.lowerBound * shape.valueWidth + group * valueSize,
            rows: segment.rows.count, columns: valueSize, stride: shape.valueWidth),
          transposed: false, accumulate: column > 0, into: &mixed, offset: start * valueSize,
          stride: valueSize)
        column += segment.rows.count
      }
    }
    return mixed
  }

  /// softmax(scale * q · kᵀ) over the keys that each query sees, and 0 for the other keys.
  ///
  /// - Returns: [block, keys of all segments]
  private func probabilities(
    _ queries: HeadQueries, _ block: Range<Int>, _ segments: [Segment], group: Int
  ) -> Matrix {
    let keySize = shape.keyHeadSize
    let view = queries.view(block, headSize: keySize)
    let width = segments.reduce(0) { $0 + $1.rows.count }
    var scores = Matrix(rows: block.count, columns: width)
    var column = 0
    for segment in segments {
      BLAS.multiply(
        view,
        MatrixView(
          segment.keys, offset: segment.rows.lowerBound * shape.keyWidth + group * keySize,
          rows: segment.rows.count, columns: keySize, stride: shape.keyWidth),
        transposed: true, alpha: scale, into: &scores.values, offset: column, stride: width)
      for row in 0..<block.count {
        hide(
          segment.positions, from: queries.position(of: block.lowerBound + row),
          &scores.values, row * width + column..<row * width + column + segment.rows.count)
      }
      column += segment.rows.count
    }
    for row in 0..<block.count {
      Kernels.softmax(&scores.values, row * width..<(row + 1) * width)
    }
    return scores
  }

  /// Sets the scores of the keys that a query does not see to negative infinity.
  ///
  /// - Parameters:
  ///   - positions: The positions of the keys.
  ///   - query: The position of the query.
  ///   - row: The range of the query's scores for these keys within `scores`.
  private func hide(
    _ positions: Segment.Positions, from query: Int, _ scores: inout [Float], _ row: Range<Int>
  ) {
    // Positions before this one are hidden, unless they are pinned.
    let first = max(shape.window.map { query - $0 } ?? 0, pinned)
    switch positions {
    case .none: return
    case .slots(let positions):
      guard shape.window != nil else { return }
      for (slot, position) in positions.enumerated() where position < first && position >= pinned {
        scores[row.lowerBound + slot] = -.infinity
      }
    case .run(let start):
      // Indices of the scores of the first position that is not pinned, of the first one seen, and of the first
      // one after the query.
      let bounds = [pinned, first, query + 1].map {
        min(max(row.lowerBound + $0 - start, row.lowerBound), row.upperBound)
      }
      for index in bounds[0]..<max(bounds[0], bounds[1]) { scores[index] = -.infinity }
      for index in bounds[2]..<row.upperBound { scores[index] = -.infinity }
    }
  }

  /// All keys that some query at `positions` may see: the learned keys, those of earlier positions, and those
  /// of the current positions within reach.
  private func segments(
    _ keyValues: KeyValueCache, _ queries: HeadQueries, positions: ClosedRange<Int>
  ) -> [Segment] {
    var segments: [Segment] = []
    if let meta {
      segments.append(
        Segment(
          keys: meta.keys.values, values: meta.values.values, rows: 0..<meta.keys.rows,
          positions: .none))
    }
    segments.append(
      Segment(
        keys: keyValues.keys[queries.sequence], values: keyValues.values[queries.sequence],
        rows: 0..<keyValues.positions.count, positions: .slots(keyValues.positions)))
    if let current = keyValues.current {
      let (first, offset) = (queries.position, queries.sequence * queries.length)
      let end = positions.upperBound + 1
      let nearest = max(first, shape.window.map { positions.lowerBound - $0 } ?? first)
      let pinned = min(max(first, pinned), end)
      let reach = nearest <= pinned ? [first..<end] : [first..<pinned, nearest..<end]
      segments += reach.map { range in
        Segment(
          keys: current.keys.values, values: current.values.values,
          rows: range.lowerBound - first + offset..<range.upperBound - first + offset,
          positions: .run(from: range.lowerBound))
      }
    }
    return segments.filter { !$0.rows.isEmpty }
  }
}
