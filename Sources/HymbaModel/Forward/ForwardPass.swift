public import HymbaFormat

/// The whole model on the CPU: 32-bit arithmetic whatever the stored type, one layer's weights in memory
/// while the next one's are read; of experts one and the next, and a shared block once for all.
public struct ForwardPass: Sendable {
  public let architecture: Architecture
  private(set) var reader: ParameterReader

  /// - Parameters:
  ///   - parameters: The checkpoint, under our parameter names.
  ///   - jobs: Threads for matrix products and for decoding weights; at least one.
  public init(_ architecture: Architecture, parameters: any CheckpointSource, jobs: Int) {
    self.architecture = architecture
    self.reader = ParameterReader(source: parameters, jobs: max(1, jobs))
    // Our own threads share out each product, so that they read and widen the weights as well.
    BLAS.setThreads(1)
  }

  /// The same pass in which the inputs and outputs of all products, the routers' probabilities and the stream
  /// after each layer are rounded at random: its difference from this one shows how far rounding carries.
  public func roundingRandomly(seed: UInt64) -> ForwardPass {
    var pass = self
    pass.reader.rounding = RandomRounding(seed: seed)
    return pass
  }

  /// Computes the model's output.
  ///
  /// - Parameters:
  ///   - input: Any batch and length above 0.
  ///   - steering: Decides where experts are not left to the routers.
  ///   - capture: Is given each intermediate result, in the order of computation: [batch, length, width],
  ///     the meta positions included where they are prepended, except for ``Capture/lastHiddenState``,
  ///     ``Capture/logits`` and ``Capture/output``.
  /// - Returns: The last position's hidden state [batch, hidden], logits [batch, seq, vocabulary], or without a
  ///   head the last hidden states [batch, seq, hidden].
  /// - Throws: ``ModelError/inputShape(found:expected:)``, ``ModelError/tokenOutside(_:vocabularySize:)``, a
  ///   parameter that is missing or has another shape or type, what the source throws, and what `capture`
  ///   throws.
  @discardableResult
  public func run(
    _ input: InputBatch, steering: ExpertSteering = ExpertSteering(),
    capture: (Capture, Tensor) throws -> Void = { _, _ in }
  ) throws -> Tensor {
    try check(input)
    let batch = input.batch
    let length = architecture.metaTokens.prependedCount + input.length
    func keep(_ what: Capture, _ matrix: Matrix) throws {
      try capture(what, Tensor(matrix, batch: batch))
    }
    func rounded(_ x: Matrix) -> Matrix { reader.rounding.map { $0(x) } ?? x }

    var h = try prepend(embed(input), batch: batch)  // [batch * length, hidden]
    try keep(.hiddenStates(0), h)
    var state = PassState(architecture, batch: batch, capacity: length)
    state.begin(h)
    let producers = Set(architecture.layers.compactMap { $0.attention?.keyValueLayer })
    let sharedBlock = try SharedBlockLayer(architecture, reader)
    // While a layer computes, the next one is fetched and decoded.
    try reader.forEach(
      Array(architecture.layers.indices),
      make: { [architecture] index, reader in
        try Layer(index, architecture, reader, sharedBlock: sharedBlock)
      },
      { index, layer in
        var after = state
        let next = try steering.settle(index, batch: batch, capture: keep) { chosen, capture in
          after = state
          return try layer(h, &after, chosen: chosen, capture: capture)
        }
        state = after
        // Nothing follows these positions; only keys and values that a later layer uses stay.
        if !producers.contains(index) { state.layers[index] = LayerState() }
        h = rounded(next)
        try keep(.hiddenStates(index + 1), h)
      })
    let last = rounded(withoutMetaTokens(try finalNorm()(h), batch: batch))  // [batch * seq, hidden]
    try keep(.lastHiddenState, last)
    switch architecture.output {
    case .lastHiddenState:
      let last = last.rows(of: input.length - 1, batch: batch)
      let output = Tensor([batch, last.columns], last.values)
      try capture(.output, output)
      return output
    case .hiddenStates: return Tensor([batch, input.length, last.columns], last.values)
    case .logits, .tiedLogits:
      let logits = try self.logits(last)
      try keep(.logits, logits)
      return Tensor([batch, input.length, logits.columns], logits.values)
    }
  }

  /// - Throws: ``ModelError/inputShape(found:expected:)`` or ``ModelError/tokenOutside(_:vocabularySize:)``
  ///   for an input that is none for this model, ``ModelError/inputBeyondMemory(_:byteCount:limit:)``,
  ///   ``ModelError/noRoomForProducts(byteCount:)``.
  public func check(_ input: InputBatch) throws(ModelError) {
    try architecture.requireMemory(forInput: input.dimensions)
    try BLAS.requireMemory(jobs: reader.jobs)
    let size = architecture.input.size
    let expected: String
    switch (architecture.input, input) {
    case (.features, .features(let tensor)):
      if tensor.dimensions.count == 3, tensor.dimensions[2] == size, !tensor.values.isEmpty {
        return
      }
      expected = "[batch, positions, \(size)]"
    case (.tokens, .tokens(let ids, let batch)):
      if let id = ids.first(where: { !(0..<size).contains($0) }) {
        throw .tokenOutside(id, vocabularySize: size)
      }
      if batch > 0, !ids.isEmpty, ids.count % batch == 0 { return }
      expected = "[batch, positions] of token ids"
    case (.features, .tokens): expected = "vectors of \(size), not token ids"
    case (.tokens, .features): expected = "token ids, not vectors"
    }
    throw .inputShape(found: input.dimensions, expected: expected)
  }
}

extension ForwardPass {
  /// The input projection, or the vectors of the tokens: [batch * seq, hidden].
  func embed(_ input: InputBatch) throws -> Matrix {
    let hidden = architecture.hiddenSize
    let size = architecture.input.size
    switch input {
    case .features(let tensor):
      let x = Matrix(
        rows: tensor.dimensions[0] * tensor.dimensions[1], columns: size, values: tensor.values)
      guard size != hidden else { return x }
      return try reader.linear("input_projection", size, hidden, bias: true)(x)
    case .tokens(let ids, _):
      // Tied vectors are read whole as the head.
      let vectors = try reader.rows(
        Set(ids), of: "embed_tokens.weight", size, hidden,
        architecture.output == .tiedLogits ? .parts : .whole)
      return Matrix(
        rows: ids.count, columns: hidden, values: ids.flatMap { vectors[$0] ?? [] })
    }
  }

  func finalNorm() throws -> NormLayer {
    try reader.norm("final_norm", architecture.hiddenSize, architecture)
  }

  /// The learned tokens in front of each sequence, where the architecture has them there.
  func prepend(_ x: Matrix, batch: Int) throws -> Matrix {
    let meta = architecture.metaTokens.prependedCount
    guard meta > 0 else { return x }
    let hidden = x.columns
    let tokens = try reader.floats("meta_tokens", [meta, hidden])
    let sequence = x.rows / batch
    var rows: [Float] = []
    rows.reserveCapacity(batch * (meta + sequence) * hidden)
    for row in 0..<batch {
      rows += tokens
      rows += x.values[row * sequence * hidden..<(row + 1) * sequence * hidden]
    }
    return Matrix(rows: batch * (meta + sequence), columns: hidden, values: rows)
  }

  private func withoutMetaTokens(_ x: Matrix, batch: Int) -> Matrix {
    let meta = architecture.metaTokens.prependedCount
    guard meta > 0 else { return x }
    let (length, hidden) = (x.rows / batch, x.columns)
    var rows: [Float] = []
    for row in 0..<batch {
      rows += x.values[(row * length + meta) * hidden..<(row + 1) * length * hidden]
    }
    return Matrix(rows: batch * (length - meta), columns: hidden, values: rows)
  }

  /// x · headᵀ, [rows, vocabulary]; the head is read in parts and never whole in memory.
  private func logits(_ x: Matrix) throws -> Matrix {
    let size = architecture.input.size
    let name = architecture.output == .tiedLogits ? "embed_tokens.weight" : "lm_head.weight"
    let head = try reader.rowReading(name, size, x.columns)
    let parts = head.rowRanges(atMost: head.reading.tensor.type.byteSize << 23)
    var logits = Matrix(rows: x.rows, columns: size)
    try reader.forEach(
      parts,
      make: { part, reader in try reader.matrix(head, rows: part) },
      { part, weight in
        logits.replaceColumns(
          from: part.lowerBound, row: 0,
          with: Linear(weight: weight, bias: nil, jobs: reader.jobs)(x))
      })
    return logits
  }
}
