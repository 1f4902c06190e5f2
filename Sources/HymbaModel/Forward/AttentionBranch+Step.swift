#if canImport(Glibc)
  import Glibc
#endif

extension AttentionBranch {
  /// Attention of one position of each sequence over the cache.
  ///
  /// - Parameters:
  ///   - n: [batch, hidden], normed
  ///   - cache: Keys and values up to here; the branch's own are added, unless it uses an earlier layer's.
  /// - Returns: [batch, hidden], or heads * valueHeadSize without an output projection.
  func step(
    _ n: Matrix, position: Int, rotary: RotaryEmbedding?, cache: inout KeyValueCache
  ) -> Matrix {
    let q = positioned(query(n), queryNorm, rotary, 1, from: position)
    if shape.keyValueLayer == nil {
      cache.append(position: position, keyValues(n, rotary, 1, from: position))
    }
    let first = shape.window.map { position - $0 } ?? 0
    let pinned = alwaysVisible - metaCount
    let rows = cache.positions.indices.filter {
      cache.positions[$0] >= first || cache.positions[$0] < pinned
    }
    var mixed = Matrix(rows: n.rows, columns: shape.outputWidth)
    for sequence in 0..<n.rows {
      // Learned keys and values, then the visible ones of the cache.
      let keys = metaKeys + rows.flatMap { cache.keys[sequence][span($0, shape.keyWidth)] }
      let values = metaValues + rows.flatMap { cache.values[sequence][span($0, shape.valueWidth)] }
      for head in 0..<shape.heads {
        attend(head, q, sequence, keys, values, metaCount + rows.count, into: &mixed)
      }
    }
    return output.map { $0(mixed) } ?? mixed
  }

  /// softmax(q · kᵀ / sqrt(keyHeadSize)) · v of one query over `count` keys, all visible.
  private func attend(
    _ head: Int, _ q: Matrix, _ sequence: Int, _ keys: [Float], _ values: [Float], _ count: Int,
    into mixed: inout Matrix
  ) {
    let (keySize, valueSize) = (shape.keyHeadSize, shape.valueHeadSize)
    let group = head / (shape.heads / shape.keyValueHeads)
    let scale = 1 / Float(keySize).squareRoot()
    var scores = (0..<count).map { key -> Float in
      var sum: Float = 0
      for index in 0..<keySize {
        sum +=
          q.values[sequence * q.columns + head * keySize + index]
          * keys[key * shape.keyWidth + group * keySize + index]
      }
      return sum * scale
    }
    let largest = scores.max() ?? 0
    var total: Float = 0
    for key in 0..<count {
      scores[key] = exp(scores[key] - largest)
      total += scores[key]
    }
    let target = sequence * mixed.columns + head * valueSize
    for key in 0..<count {
      let weight = scores[key] / total
      for index in 0..<valueSize {
        mixed.values[target + index] +=
          weight * values[key * shape.valueWidth + group * valueSize + index]
      }
    }
  }

  private func span(_ row: Int, _ width: Int) -> Range<Int> { row * width..<(row + 1) * width }
}
