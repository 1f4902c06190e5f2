import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// The attention branch of one layer.
struct AttentionBranch: Sendable {
  private let shape: Architecture.Attention
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear
  /// Learned keys and values in front of each sequence's own; empty when there are none.
  private let metaKeys: [Float]  // [meta, keyWidth]
  private let metaValues: [Float]  // [meta, valueWidth]
  private let metaCount: Int

  init(
    _ shape: Architecture.Attention, _ prefix: String, _ architecture: Architecture,
    _ reader: ParameterReader
  ) throws {
    let hidden = architecture.hiddenSize
    func linear(
      _ projection: Architecture.Attention.Projection, _ input: Int, _ output: Int
    ) throws -> Linear {
      try reader.linear(
        "\(prefix).\(projection.rawValue)", input, output, bias: shape.biases.contains(projection))
    }
    let meta = architecture.metaTokens.keyValueCount
    self.shape = shape
    self.query = try linear(.query, hidden, shape.queryWidth)
    self.key = try linear(.key, hidden, shape.keyWidth)
    self.value = try linear(.value, hidden, shape.valueWidth)
    self.output = try linear(.output, shape.outputWidth, hidden)
    self.metaCount = meta
    self.metaKeys =
      meta > 0 ? try reader.floats("\(prefix).meta_key", [meta, shape.keyWidth]) : []
    self.metaValues =
      meta > 0 ? try reader.floats("\(prefix).meta_value", [meta, shape.valueWidth]) : []
  }

  /// - Parameter n: [batch * length, hidden], normed
  /// - Returns: [batch * length, hidden]
  func callAsFunction(_ n: Matrix, batch: Int, length: Int) -> Matrix {
    let (q, k, v) = (query(n), key(n), value(n))
    var mixed = Matrix(rows: n.rows, columns: shape.outputWidth)
    for sequence in 0..<batch {
      let rows = sequence * length..<(sequence + 1) * length
      let keys = metaKeys + k.values[rows.scaled(by: shape.keyWidth)]
      let values = metaValues + v.values[rows.scaled(by: shape.valueWidth)]
      for head in 0..<shape.heads {
        attend(head, q, keys, values, rows, into: &mixed)
      }
    }
    return output(mixed)
  }

  /// Queries taken at once: bounds the scores to this many rows, whatever the length.
  private static let queryBlock = 64

  /// softmax(q · kᵀ / sqrt(keyHeadSize)) · v for one head of one sequence. Query t sees all meta keys
  /// and the positions up to t: always a prefix of the keys.
  private func attend(
    _ head: Int, _ q: Matrix, _ keys: [Float], _ values: [Float], _ rows: Range<Int>,
    into mixed: inout Matrix
  ) {
    let (keySize, valueSize) = (shape.keyHeadSize, shape.valueHeadSize)
    let group = head / (shape.heads / shape.keyValueHeads)
    let scale = 1 / Float(keySize).squareRoot()
    for start in stride(from: 0, to: rows.count, by: Self.queryBlock) {
      let count = min(Self.queryBlock, rows.count - start)
      let visible = metaCount + start + count
      var scores = [Float](repeating: 0, count: count * visible)  // [queries, visible keys]
      BLAS.multiply(
        MatrixView(
          q.values, offset: (rows.lowerBound + start) * q.columns + head * keySize, rows: count,
          columns: keySize, stride: q.columns),
        MatrixView(
          keys, offset: group * keySize, rows: visible, columns: keySize, stride: shape.keyWidth),
        transposed: true, alpha: scale, into: &scores, stride: visible)
      for query in 0..<count {
        Self.softmaxPrefix(
          &scores, row: query * visible..<(query + 1) * visible,
          visible: metaCount + start + query + 1)
      }
      BLAS.multiply(
        MatrixView(scores, rows: count, columns: visible, stride: visible),
        MatrixView(
          values, offset: group * valueSize, rows: visible, columns: valueSize,
          stride: shape.valueWidth),
        transposed: false, into: &mixed.values,
        offset: (rows.lowerBound + start) * mixed.columns + head * valueSize,
        stride: mixed.columns)
    }
  }

  /// Softmax over the first `visible` scores of a row; the others become 0.
  private static func softmaxPrefix(_ scores: inout [Float], row: Range<Int>, visible: Int) {
    let seen = row.lowerBound..<row.lowerBound + visible
    let largest = scores[seen].max() ?? 0
    var sum: Float = 0
    for index in seen {
      scores[index] = exp(scores[index] - largest)
      sum += scores[index]
    }
    for index in seen { scores[index] /= sum }
    for index in seen.upperBound..<row.upperBound { scores[index] = 0 }
  }
}

extension Range<Int> {
  /// From rows to the values of rows of `width`.
  fileprivate func scaled(by width: Int) -> Range<Int> { lowerBound * width..<upperBound * width }
}
