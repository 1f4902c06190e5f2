import HymbaFormat

/// Causal softmax attention with its weights.
struct AttentionBranch: Branch {
  let shape: Architecture.Attention
  private let query: Linear
  /// The projections of keys and values; nil where the keys and values of an earlier layer are used.
  private let key: Linear?
  private let value: Linear?
  let queryNorm: RMSNorm?
  private let keyNorm: RMSNorm?
  /// The output projection; nil where the fusion projects both branches.
  private let output: Linear?
  /// The learned keys and values in front of each sequence's own, [meta, width]; nil where the architecture has
  /// none.
  let meta: KeyValues?
  /// The number of leading positions that a window never hides: those of prepended meta tokens.
  let pinned: Int
  /// The factor of the scores.
  let scale: Float
  /// The factors of the input, of the keys, and of the result.
  private let inputScale: Float?
  private let keyScale: Float?
  private let outputScale: Float?
  /// The head whose weights are captured, in the layer that applies this attention; nil for none.
  private let keptHead: AttentionHead?
  /// The number of threads that share the heads.
  let jobs: Int

  /// Reads the weights.
  ///
  /// - Parameters:
  ///   - inputSize: The width of the rows from which queries, keys and values are computed.
  ///   - residual: The factor of what the branch adds to the stream; nil for 1.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ shape: Architecture.Attention, _ prefix: String, _ architecture: Architecture,
    _ reader: ParameterReader, inputSize: Int, hasOutput: Bool, residual: Float? = nil
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
      // The original's code fixes this epsilon; its configuration's epsilon applies to the other norms only.
      return RMSNorm(
        weight: try reader.floats("\(prefix).\(name).weight", dimensions), epsilon: 1e-6)
    }
    func meta(_ name: String, _ count: Int, _ width: Int) throws -> Matrix {
      Matrix(
        rows: count, columns: width,
        values: try reader.floats("\(prefix).\(name)", [count, width]))
    }
    let hasKeys = shape.keyValueLayer == nil
    self.shape = shape
    self.scale = shape.scale.map { Float($0) } ?? 1 / Float(shape.keyHeadSize).squareRoot()
    self.inputScale = shape.inputMultiplier.map { Float($0) }
    self.keyScale = shape.keyMultiplier.map { Float($0) }
    self.outputScale = Float.product(shape.outputMultiplier.map { Float($0) }, residual)
    self.query = try linear(.query, inputSize, shape.queryWidth)
    self.key = hasKeys ? try linear(.key, inputSize, shape.keyWidth) : nil
    self.value = hasKeys ? try linear(.value, inputSize, shape.valueWidth) : nil
    self.queryNorm = try norm("q_norm", heads: shape.heads)
    self.keyNorm = hasKeys ? try norm("k_norm", heads: shape.keyValueHeads) : nil
    self.output = hasOutput ? try linear(.output, shape.outputWidth, architecture.hiddenSize) : nil
    self.keptHead = reader.keptHead
    self.jobs = reader.jobs
    self.pinned = architecture.metaTokens.prependedCount
    let count = architecture.metaTokens.keyValueCount
    self.meta =
      count > 0
      ? KeyValues(
        keys: try meta("meta_key", count, shape.keyWidth),
        values: try meta("meta_value", count, shape.valueWidth)) : nil
  }

  func capture(layer: Int) -> Capture { .attention(layer: layer) }

  /// - Returns: [batch * length, hidden], or [batch * length, heads * valueHeadSize] without an output
  ///   projection.
  func callAsFunction(
    _ n: Matrix, layer: Int, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    try self(n, layer: layer, &state, adapters: nil, capture: capture)
  }

  /// - Parameter adapters: What the layer adds to the projections of a block that several layers apply.
  /// - Returns: As without adapters.
  func callAsFunction(
    _ n: Matrix, layer: Int, _ state: inout PassState, adapters: BlockAdapters?,
    capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let input = n.scaled(by: inputScale)
    func projected(_ projection: Linear, _ adapter: Adapter?) -> Matrix {
      let own = projection(input)
      return adapter.map { own + $0(input) } ?? own
    }
    let keeper = shape.keyValueLayer ?? layer
    let q = positioned(projected(query, adapters?.query), queryNorm, state)  // [rows, queryWidth]
    if let key, let value {
      let keys = projected(key, adapters?.key).scaled(by: keyScale)
      let current = KeyValues(
        keys: positioned(keys, keyNorm, state), values: projected(value, adapters?.value))
      state.layers[keeper].keyValues?.current = current
    }
    // A valid architecture shares keys and values only with an earlier layer that computes its own.
    let mixed = state.layers[keeper].keyValues.map { attend(q, $0, from: state.position) }
    if let keptHead, keptHead.layer == layer, let keyValues = state.layers[keeper].keyValues {
      try capture(
        .attentionWeights(layer: layer, head: keptHead.head),
        weights(of: keptHead.head, q, keyValues, from: state.position))
    }
    let result = mixed ?? Matrix(rows: n.rows, columns: shape.outputWidth)
    return (output.map { $0(result) } ?? result).scaled(by: outputScale)
  }

  /// Queries or keys, normalised for each head and rotated where the architecture says so.
  private func positioned(_ x: Matrix, _ norm: RMSNorm?, _ state: PassState) -> Matrix {
    var x = x
    if let norm {
      let size = shape.keyHeadSize
      let perHead = shape.queryKeyNorm == .perHead
      // Rows with the same weights are normalised together: all heads, or one head at a time.
      for start in stride(from: 0, to: x.values.count, by: perHead ? size : x.values.count) {
        let offset = perHead ? start % x.columns : 0
        Kernels.rmsNorm(
          &x.values, start..<(perHead ? start + size : x.values.count),
          weight: norm.weight[offset..<offset + size], epsilon: norm.epsilon)
      }
    }
    state.rotary[shape]?.apply(to: &x, length: state.length, from: state.position)
    return x
  }
}
