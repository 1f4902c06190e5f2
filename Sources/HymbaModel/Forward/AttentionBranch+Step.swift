import HymbaFormat

extension AttentionBranch {
  /// Attention of one position of each sequence over the cache.
  ///
  /// - Parameters:
  ///   - n: [batch, input], normed
  ///   - cache: Keys and values up to here; the branch's own are added, unless it uses an earlier layer's.
  /// - Returns: [batch, hidden], or heads * valueHeadSize without an output projection.
  func step(
    _ n: Matrix, position: Int, rotary: RotaryEmbedding?, cache: inout KeyValueCache
  ) -> Matrix {
    let q = positioned(query(n), queryNorm, rotary, 1, from: position)
    if shape.keyValueLayer == nil {
      cache.append(position: position, keyValues(n, rotary, 1, from: position))
    }
    let groups = shape.keyValueHeads
    let width = shape.outputWidth / groups
    let work = n.rows * cache.positions.count * shape.outputWidth
    let parts = Parallel.map(count: n.rows * groups, jobs: work > 1 << 17 ? jobs : 1) {
      [cache] index in
      attend(group: index % groups, sequence: index / groups, q, cache, position)
    }
    var mixed = Matrix(rows: n.rows, columns: shape.outputWidth)
    for (index, part) in parts.enumerated() {
      mixed.values.replaceSubrange(index * width..<(index + 1) * width, with: part)
    }
    return output.map { $0(mixed) } ?? mixed
  }

  /// softmax(scale * q · kᵀ) · v for the query heads that share a key head.
  ///
  /// - Returns: [heads of the group, valueHeadSize]
  private func attend(
    group: Int, sequence: Int, _ q: Matrix, _ cache: KeyValueCache, _ position: Int
  ) -> [Float] {
    let (keySize, valueSize) = (shape.keyHeadSize, shape.valueHeadSize)
    let heads = shape.heads / shape.keyValueHeads
    let queries = MatrixView(
      q.values, offset: sequence * q.columns + group * heads * keySize, rows: heads,
      columns: keySize, stride: keySize)
    // Learned keys and values, then those of the cache.
    let segments = [
      (keys: metaKeys, values: metaValues, count: metaCount),
      (keys: cache.keys[sequence], values: cache.values[sequence], count: cache.positions.count),
    ].filter { $0.count > 0 }
    let width = segments.reduce(0) { $0 + $1.count }
    var scores = [Float](repeating: 0, count: heads * width)  // [heads, keys]
    var column = 0
    for segment in segments {
      BLAS.multiply(
        queries,
        MatrixView(
          segment.keys, offset: group * keySize, rows: segment.count, columns: keySize,
          stride: shape.keyWidth),
        transposed: true, alpha: scale, into: &scores, offset: column,
        stride: width)
      column += segment.count
    }
    // A layer that shares a cache may see less of it than another.
    let first = shape.window.map { position - $0 } ?? 0
    let pinned = alwaysVisible - metaCount
    for (slot, other) in cache.positions.enumerated() where other < first && other >= pinned {
      for head in 0..<heads { scores[head * width + metaCount + slot] = -.infinity }
    }
    for head in 0..<heads { Kernels.softmax(&scores, head * width..<(head + 1) * width) }
    var mixed = [Float](repeating: 0, count: heads * valueSize)
    column = 0
    for segment in segments {
      BLAS.multiply(
        MatrixView(scores, offset: column, rows: heads, columns: segment.count, stride: width),
        MatrixView(
          segment.values, offset: group * valueSize, rows: segment.count, columns: valueSize,
          stride: shape.valueWidth),
        transposed: false, accumulate: column > 0, into: &mixed, stride: valueSize)
      column += segment.count
    }
    return mixed
  }
}
