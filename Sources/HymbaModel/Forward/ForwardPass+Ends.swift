import HymbaFormat

extension ForwardPass {
  /// The model's result for the hidden states of a lane after the final norm, [batch, seq, hidden].
  ///
  /// - Throws: The errors of reading the head, and the errors of `capture`.
  func output(
    _ states: Tensor, capture: (Capture, Tensor) throws -> Void
  ) throws -> Tensor {
    let (batch, length, hidden) = (
      states.dimensions[0], states.dimensions[1], states.dimensions[2]
    )
    let last = Matrix(rows: batch * length, columns: hidden, values: states.values)
    switch architecture.output {
    case .lastHiddenState:
      let last = last.rows(of: length - 1, batch: batch)
      let output = Tensor([batch, last.columns], last.values)
      try capture(.output, output)
      return output
    case .hiddenStates: return states
    case .logits, .tiedLogits:
      let logits = Tensor(try self.logits(last), batch: batch)
      try capture(.logits, logits)
      return logits
    }
  }

  /// The input as rows of the hidden size, [batch * seq, hidden]: vectors after the input projection, or the
  /// embeddings of the tokens.
  func embed(_ input: InputBatch) throws -> Matrix { try embed([input])[0] }

  /// The rows of several inputs. The weights are read once for all of them.
  ///
  /// - Parameter purpose: Whether the embedding is read whole, so that it is compared with its digest. A tied one is
  ///   read whole later, as the head.
  func embed(_ inputs: [InputBatch], _ purpose: ReadingPurpose = .whole) throws -> [Matrix] {
    let hidden = architecture.hiddenSize
    let size = architecture.input.size
    let ids = Set(inputs.flatMap { if case .tokens(let ids, _) = $0 { ids } else { [Int]() } })
    let vectors =
      ids.isEmpty
      ? [:]
      : try reader.rows(
        ids, of: "embed_tokens.weight", size, hidden,
        architecture.output == .tiedLogits ? .parts : purpose)
    let hasFeatures = inputs.contains { if case .features = $0 { true } else { false } }
    let projection =
      hasFeatures && size != hidden
      ? try reader.linear("input_projection", size, hidden, bias: true) : nil
    return inputs.map { input in
      switch input {
      case .features(let tensor):
        let x = Matrix(
          rows: tensor.dimensions[0] * tensor.dimensions[1], columns: size, values: tensor.values)
        return projection.map { $0(x) } ?? x
      case .tokens(let ids, _):
        return Matrix(
          rows: ids.count, columns: hidden, values: ids.flatMap { vectors[$0] ?? [] }
        ).scaled(by: embeddingScale)
      }
    }
  }

  /// The factor of the embedding of tokens; nil for 1.
  var embeddingScale: Float? { architecture.multipliers.embedding.map { Float($0) } }

  func finalNorm() throws -> NormLayer {
    try reader.norm("final_norm", architecture.hiddenSize, architecture)
  }

  /// The learned tokens in front of each sequence, [meta, hidden]; nil where the architecture has none.
  func metaTokens() throws -> Matrix? {
    let meta = architecture.metaTokens.prependedCount
    guard meta > 0 else { return nil }
    let hidden = architecture.hiddenSize
    return Matrix(
      rows: meta, columns: hidden, values: try reader.floats("meta_tokens", [meta, hidden]))
  }

  /// x · headᵀ, [rows, vocabulary]. The head is read in parts and is never in memory as a whole.
  func logits(_ x: Matrix) throws -> Matrix {
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
          with: Linear(weight: weight, bias: nil, jobs: reader.jobs, arithmetic: reader.arithmetic)(x))
      })
    return logits.scaled(by: architecture.multipliers.ofLogits)
  }
}
