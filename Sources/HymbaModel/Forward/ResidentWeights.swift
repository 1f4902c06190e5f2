/// The weights of a whole model in memory, in their stored type.
struct ResidentWeights: Sendable {
  let layers: LayerGroup
  private let vectors: StoredMatrix?  // [vocabulary, hidden]
  /// The head; nil where the model has none.
  let head: Linear?

  /// Reads the weights.
  ///
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(_ pass: ForwardPass, _ sharedBlocks: SharedBlocks?) throws {
    let (architecture, reader) = (pass.architecture, pass.reader)
    let (size, hidden) = (architecture.input.size, architecture.hiddenSize)
    self.layers = try LayerGroup(
      architecture.layers.indices, architecture, reader, sharedBlocks: sharedBlocks,
      residentExperts: .max)
    self.vectors =
      if case .tokens = architecture.input {
        try reader.matrix("embed_tokens.weight", size, hidden)
      } else { nil }
    switch architecture.output {
    case .lastHiddenState, .hiddenStates: self.head = nil
    case .logits: self.head = try reader.linear("lm_head", hidden, size, bias: false)
    case .tiedLogits: 
      self.head = vectors.map {
        Linear(weight: $0, bias: nil, jobs: reader.jobs, arithmetic: reader.arithmetic)
      }
    }
  }

  /// The embeddings of tokens, [ids.count, hidden], without the model's factor.
  func embed(_ ids: [Int]) -> Matrix {
    guard let vectors else { return Matrix(rows: 0, columns: 0) }
    return Matrix(
      rows: ids.count, columns: vectors.columns, values: ids.flatMap { vectors.floats(row: $0) })
  }
}
