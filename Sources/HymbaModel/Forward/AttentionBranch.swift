import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// Keys, normed and rotated, and values of all positions of a batch: what layers may share.
struct KeyValues: Sendable {
  let keys: Matrix  // [batch * length, keyWidth]
  let values: Matrix  // [batch * length, valueWidth]
}

/// The attention branch of one layer.
struct AttentionBranch: Sendable {
  let shape: Architecture.Attention
  let query: Linear
  /// Nil where an earlier layer's keys and values are used.
  private let key: Linear?
  private let value: Linear?
  let queryNorm: RMSNorm?
  private let keyNorm: RMSNorm?
  /// Nil where the fusion projects both branches.
  let output: Linear?
  /// Learned keys and values in front of each sequence's own; empty when there are none.
  let metaKeys: [Float]  // [meta, keyWidth]
  let metaValues: [Float]  // [meta, valueWidth]
  let metaCount: Int
  /// Keys at the front that a window does not hide: those of the meta tokens, of either form.
  let alwaysVisible: Int
  /// What scores are multiplied by.
  let scale: Float
  /// Threads that share out the heads.
  let jobs: Int

  /// - Parameter inputSize: Width of what queries, keys and values are made of.
  init(
    _ shape: Architecture.Attention, _ prefix: String, _ architecture: Architecture,
    _ reader: ParameterReader, inputSize: Int, hasOutput: Bool
  ) throws {
    func linear(
      _ projection: Architecture.Attention.Projection, _ input: Int, _ output: Int
    ) throws -> Linear {
      try reader.linear(
        "\(prefix).\(projection.rawValue)", input, output, bias: shape.biases.contains(projection))
    }
    func norm(_ name: String, heads: Int) throws -> RMSNorm? {
      guard let kind = shape.queryKeyNorm else { return nil }
      let dimensions = kind == .perHead ? [heads, shape.keyHeadSize] : [shape.keyHeadSize]
      // The original's epsilon, whatever its configuration says of the other norms.
      return RMSNorm(
        weight: try reader.floats("\(prefix).\(name).weight", dimensions), epsilon: 1e-6)
    }
    let hasKeys = shape.keyValueLayer == nil
    let meta = architecture.metaTokens.keyValueCount
    self.shape = shape
    self.scale = shape.scale.map { Float($0) } ?? 1 / Float(shape.keyHeadSize).squareRoot()
    self.query = try linear(.query, inputSize, shape.queryWidth)
    self.key = hasKeys ? try linear(.key, inputSize, shape.keyWidth) : nil
    self.value = hasKeys ? try linear(.value, inputSize, shape.valueWidth) : nil
    self.queryNorm = try norm("q_norm", heads: shape.heads)
    self.keyNorm = hasKeys ? try norm("k_norm", heads: shape.keyValueHeads) : nil
    self.output = hasOutput ? try linear(.output, shape.outputWidth, architecture.hiddenSize) : nil
    self.metaCount = meta
    self.jobs = reader.jobs
    self.alwaysVisible = meta + architecture.metaTokens.prependedCount
    self.metaKeys =
      meta > 0 ? try reader.floats("\(prefix).meta_key", [meta, shape.keyWidth]) : []
    self.metaValues =
      meta > 0 ? try reader.floats("\(prefix).meta_value", [meta, shape.valueWidth]) : []
  }

  /// - Parameters:
  ///   - n: [batch * length, input], normed
  ///   - shared: The earlier layer's keys and values, where the architecture says so.
  ///   - rotary: That of ``rotary(length:)``, for sequences of this length or longer.
  /// - Returns: [batch * length, hidden], or heads * valueHeadSize without an output projection; and the
  ///   keys and values that were used.
  func callAsFunction(
    _ n: Matrix, batch: Int, length: Int, shared: KeyValues?, rotary: RotaryEmbedding?
  ) -> (Matrix, KeyValues) {
    let q = positioned(query(n), queryNorm, rotary, length)  // [rows, queryWidth]
    let own = shared ?? keyValues(n, rotary, length)
    var mixed = Matrix(rows: n.rows, columns: shape.outputWidth)
    for sequence in 0..<batch {
      let rows = sequence * length..<(sequence + 1) * length
      let keys = metaKeys + own.keys.values[rows.scaled(by: shape.keyWidth)]
      let values = metaValues + own.values.values[rows.scaled(by: shape.valueWidth)]
      let heads = Parallel.map(count: shape.heads, jobs: jobs) { attend($0, q, keys, values, rows) }
      for (head, result) in heads.enumerated() {
        mixed.replaceColumns(from: head * shape.valueHeadSize, row: rows.lowerBound, with: result)
      }
    }
    return (output.map { $0(mixed) } ?? mixed, own)
  }

  /// The rotation of positions 0 to `length` - 1, where the architecture has one.
  func rotary(length: Int) -> RotaryEmbedding? {
    shape.rotary.map { RotaryEmbedding($0, headSize: shape.keyHeadSize, length: length) }
  }

  func keyValues(
    _ n: Matrix, _ rotary: RotaryEmbedding?, _ length: Int, from start: Int = 0
  ) -> KeyValues {
    KeyValues(
      keys: key.map { positioned($0(n), keyNorm, rotary, length, from: start) }
        ?? Matrix(rows: 0, columns: 0),
      values: value.map { $0(n) } ?? Matrix(rows: 0, columns: 0))
  }

  /// Queries or keys, each head normed and rotated where the architecture says so.
  func positioned(
    _ x: Matrix, _ norm: RMSNorm?, _ rotary: RotaryEmbedding?, _ length: Int, from start: Int = 0
  ) -> Matrix {
    var x = x
    if let norm {
      let size = shape.keyHeadSize
      let perHead = shape.queryKeyNorm == .perHead
      // Rows that share their weights go together: all heads, or one at a time.
      for start in stride(from: 0, to: x.values.count, by: perHead ? size : x.values.count) {
        let offset = perHead ? start % x.columns : 0
        Kernels.rmsNorm(
          &x.values, start..<(perHead ? start + size : x.values.count),
          weight: norm.weight[offset..<offset + size], epsilon: norm.epsilon)
      }
    }
    rotary?.apply(to: &x, length: length, from: start)
    return x
  }

  /// Queries taken at once: bounds the scores to this many rows, whatever the length.
  private static let queryBlock = 64

  /// softmax(scale * q · kᵀ) · v for one head of one sequence. Query t sees the meta tokens and
  /// the positions up to t, at most `window` back. Only keys that some query of the block sees are computed.
  ///
  /// - Returns: [rows.count, valueHeadSize]
  private func attend(
    _ head: Int, _ q: Matrix, _ keys: [Float], _ values: [Float], _ rows: Range<Int>
  ) -> Matrix {
    var mixed = Matrix(rows: rows.count, columns: shape.valueHeadSize)
    let (keySize, valueSize) = (shape.keyHeadSize, shape.valueHeadSize)
    let group = head / (shape.heads / shape.keyValueHeads)
    for start in stride(from: 0, to: rows.count, by: Self.queryBlock) {
      let count = min(Self.queryBlock, rows.count - start)
      let segments = visibleKeys(firstQuery: start, count: count)
      let width = segments.reduce(0) { $0 + $1.count }
      var scores = [Float](repeating: 0, count: count * width)  // [queries, visible keys]
      var column = 0
      for segment in segments {
        BLAS.multiply(
          MatrixView(
            q.values, offset: (rows.lowerBound + start) * q.columns + head * keySize, rows: count,
            columns: keySize, stride: q.columns),
          MatrixView(
            keys, offset: segment.lowerBound * shape.keyWidth + group * keySize,
            rows: segment.count, columns: keySize, stride: shape.keyWidth),
          transposed: true, alpha: scale, into: &scores, offset: column, stride: width)
        column += segment.count
      }
      for query in 0..<count {
        softmax(&scores, row: query * width, of: start + query, segments)
      }
      column = 0
      for segment in segments {
        BLAS.multiply(
          MatrixView(scores, offset: column, rows: count, columns: segment.count, stride: width),
          MatrixView(
            values, offset: segment.lowerBound * shape.valueWidth + group * valueSize,
            rows: segment.count, columns: valueSize, stride: shape.valueWidth),
          transposed: false, accumulate: column > 0, into: &mixed.values,
          offset: start * valueSize, stride: valueSize)
        column += segment.count
      }
    }
    return mixed
  }

  /// Ranges of keys, meta keys counted, that any of the queries sees.
  private func visibleKeys(firstQuery: Int, count: Int) -> [Range<Int>] {
    let end = metaCount + firstQuery + count
    guard let window = shape.window else { return [0..<end] }
    let first = metaCount + max(0, firstQuery - window)
    return first <= alwaysVisible
      ? [0..<end] : [0..<alwaysVisible, first..<end].filter { !$0.isEmpty }
  }

  /// Softmax over the keys of `segments` that the query sees; the others become 0.
  private func softmax(
    _ scores: inout [Float], row: Int, of query: Int, _ segments: [Range<Int>]
  ) {
    let last = metaCount + query
    let first = shape.window.map { last - $0 } ?? 0
    var index = row
    for segment in segments {
      for key in segment {
        if key > last || (key < first && key >= alwaysVisible) { scores[index] = -.infinity }
        index += 1
      }
    }
    Kernels.softmax(&scores, row..<index)
  }
}

extension Range<Int> {
  /// From rows to the values of rows of `width`.
  fileprivate func scaled(by width: Int) -> Range<Int> { lowerBound * width..<upperBound * width }
}
