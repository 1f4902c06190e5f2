/// Decodes one position after another, or several in one call. The weights stay in memory in their stored type.
///
///     let decoder = try StepDecoder(pass, capacity: 1024)
///     var state = decoder.start(batch: 1)
///     var logits = try decoder.step(.tokens(prompt, batch: 1), &state)
///     logits = try decoder.step(.tokens([next], batch: 1), &state)
///
/// The state that prepended meta tokens leave is computed once and shared by all sequences. A state is a value,
/// so a copy develops independently.
public struct StepDecoder: Sendable {
  private let pass: ForwardPass
  private let group: LayerGroup
  private let norm: NormLayer
  private let vectors: StoredMatrix?  // [vocabulary, hidden]
  private let head: Linear?
  private let prefix: PassState
  /// The most positions that a sequence can have, meta tokens not counted.
  public let capacity: Int

  /// Reads the weights and runs the meta tokens.
  ///
  /// - Parameters:
  ///   - pass: The model, with the threads that it may use.
  ///   - capacity: The most positions that a sequence will have, meta tokens not counted. It decides the base of
  ///     rotary schemes that depend on the length.
  /// - Throws: ``ModelError`` for a parameter that is missing or has another shape or type, and the errors of
  ///   the source.
  public init(_ pass: ForwardPass, capacity: Int) throws {
    let (architecture, reader) = (pass.architecture, pass.reader)
    let (size, hidden) = (architecture.input.size, architecture.hiddenSize)
    let meta = architecture.metaTokens.prependedCount
    self.pass = pass
    self.capacity = capacity
    self.group = try LayerGroup(
      architecture.layers.indices, architecture, reader,
      sharedBlocks: try SharedBlocks(architecture, reader), residentExperts: .max)
    self.norm = try pass.finalNorm()
    self.vectors =
      if case .tokens = architecture.input {
        try reader.matrix("embed_tokens.weight", size, hidden)
      } else { nil }
    switch architecture.output {
    case .lastHiddenState, .hiddenStates: self.head = nil
    case .logits: self.head = try reader.linear("lm_head", hidden, size, bias: false)
    case .tiedLogits: self.head = vectors.map { Linear(weight: $0, bias: nil, jobs: reader.jobs) }
    }
    var prefix = PassState(architecture, batch: 1, capacity: meta + capacity)
    if let tokens = try pass.metaTokens() { _ = try group(tokens, origin: tokens, &prefix) }
    self.prefix = prefix
  }

  /// The state before the first position of each sequence.
  public func start(batch: Int) -> DecodingState {
    DecodingState(batch: batch, layers: prefix.repeated(batch))
  }

  /// Decodes the next positions of each sequence: a prompt, its continuation, or a single token.
  ///
  /// - Parameters:
  ///   - input: The positions, for as many sequences as the state has.
  ///   - state: The state before these positions. It becomes the state after them.
  /// - Returns: For the last of the positions, logits [batch, vocabulary], or the hidden state [batch, hidden]
  ///   where the model has no head.
  /// - Throws: ``ModelError/inputShape(found:expected:)`` for an input of another shape or beyond the capacity,
  ///   ``ModelError/tokenOutside(_:vocabularySize:)``, ``ModelError/inputBeyondMemory(_:byteCount:limit:)``,
  ///   ``ModelError/noRoomForProducts(byteCount:)``. A model of features also throws the errors of reading its
  ///   input projection.
  public func step(_ input: InputBatch, _ state: inout DecodingState) throws -> Tensor {
    try pass.check(input)
    let remaining = capacity - (state.layers.position - prefix.position)
    guard input.batch == state.batch, input.length <= remaining else {
      throw ModelError.inputShape(
        found: input.dimensions,
        expected: remaining > 0
          ? "\(remaining == 1 ? "one position" : "1 to \(remaining) positions") of \(state.batch) sequences"
          : "no more than the \(capacity) positions that the decoder was made for")
    }
    let x: Matrix
    if case .tokens(let ids, _) = input, let vectors {
      x = Matrix(
        rows: ids.count, columns: vectors.columns,
        values: ids.flatMap { vectors.floats(row: $0) }
      ).scaled(by: pass.embeddingScale)
    } else {
      x = try pass.embed(input)
    }
    let stream = try group(x, origin: x, &state.layers)
    let h = norm(stream.rows(of: input.length - 1, batch: input.batch))  // [batch, hidden]
    let output = head.map { $0(h).scaled(by: pass.architecture.multipliers.ofLogits) } ?? h
    return Tensor([output.rows, output.columns], output.values)
  }
}

/// The state of a batch of sequences in a decoder, from one position to the next.
public struct DecodingState: Sendable {
  public let batch: Int
  var layers: PassState
}
