import HymbaFormat

/// Decodes one position after another, or several in one call. The weights stay in memory in their stored type, or
/// are read for each call where they do not fit.
///
///     let decoder = try StepDecoder(pass, capacity: 1024)
///     var state = decoder.start(batch: 1)
///     var logits = try decoder.step(.tokens(prompt, batch: 1), &state)
///     logits = try decoder.step(.tokens([next], batch: 1), &state)
///
/// The state that prepended meta tokens leave is computed once and shared by all sequences. A state is a value,
/// so a copy develops independently.
public struct StepDecoder: Sendable {
  let pass: ForwardPass
  /// The weights; nil where every step reads them.
  private let resident: ResidentWeights?
  private let sharedBlocks: SharedBlocks?
  private let norm: NormLayer
  private var prefix: PassState
  /// The most positions that a sequence can have, meta tokens not counted.
  public let capacity: Int

  /// Reads the weights and runs the meta tokens.
  ///
  /// - Parameters:
  ///   - pass: The model, with the threads that it may use.
  ///   - capacity: The most positions that a sequence will have, meta tokens not counted. It decides the base of
  ///     rotary schemes that depend on the length.
  ///   - weights: Where the weights are meanwhile.
  /// - Throws: ``ModelError`` for a parameter that is missing or has another shape or type, and the errors of
  ///   the source.
  public init(_ pass: ForwardPass, capacity: Int, weights: WeightPlacement = .memory) throws {
    let architecture = pass.architecture
    let meta = architecture.metaTokens.prependedCount
    self.pass = pass
    self.capacity = capacity
    self.sharedBlocks = try SharedBlocks(architecture, pass.reader)
    self.resident = weights == .memory ? try ResidentWeights(pass, sharedBlocks) : nil
    self.norm = try pass.finalNorm()
    self.prefix = PassState(architecture, batch: 1, capacity: meta + capacity)
    guard let tokens = try pass.metaTokens() else { return }
    var state = prefix
    _ = try stream(tokens, &state)
    self.prefix = state
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
    try output(of: advance(input, &state), input)
  }

  /// Decodes the positions of one sequence, as many together as need little memory.
  ///
  /// - Parameters:
  ///   - ids: Token ids, at least one.
  ///   - progress: Is told how many are done.
  /// - Returns: Logits of the last position, [1, vocabulary].
  /// - Throws: As ``step(_:_:)``.
  func step(
    through ids: [Int], _ state: inout DecodingState, progress: (Int) -> Void = { _ in }
  ) throws -> Tensor {
    // Weights in the checkpoint are read for each part, so that memory is the smaller cost there.
    let most = resident == nil ? ids.count : Self.positionsTogether
    var done = 0
    while ids.count - done > most {
      _ = try advance(.tokens(Array(ids[done..<done + most]), batch: 1), &state)
      done += most
      progress(done)
    }
    let logits = try step(.tokens(Array(ids[done...]), batch: 1), &state)
    progress(ids.count)
    return logits
  }

  /// The positions of a prompt that go through the model together. More are hardly faster, and each takes memory.
  private static let positionsTogether = 256

  /// Takes the next positions through the layers.
  ///
  /// - Returns: [batch * length, hidden]
  private func advance(_ input: InputBatch, _ state: inout DecodingState) throws -> Matrix {
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
    if case .tokens(let ids, _) = input, let resident {
      x = resident.embed(ids).scaled(by: pass.embeddingScale)
    } else {
      x = try pass.embed([input], .parts)[0]
    }
    return try stream(x, &state.layers)
  }

  /// Takes a stream through the layers.
  ///
  /// - Parameter x: [batch * length, hidden], the stream before the first layer.
  private func stream(_ x: Matrix, _ state: inout PassState) throws -> Matrix {
    if let resident { return try resident.layers(x, origin: x, &state) }
    state.begin(x)
    var h = x
    try pass.reader.forEach(
      Array(pass.architecture.layers.indices),
      make: { [architecture = pass.architecture, sharedBlocks] index, reader in
        try Layer(index, architecture, reader, sharedBlocks: sharedBlocks)
      },
      { _, layer in h = try layer(h, &state) })
    state.end()
    return h
  }

  /// The model's result for the last position of each sequence, from the stream behind the layers.
  private func output(of stream: Matrix, _ input: InputBatch) throws -> Tensor {
    let h = norm(stream.rows(of: input.length - 1, batch: input.batch))  // [batch, hidden]
    let output: Matrix
    if !pass.architecture.output.isLogits {
      output = h
    } else if let head = resident?.head {
      output = head(h).scaled(by: pass.architecture.multipliers.ofLogits)
    } else {
      output = try pass.logits(h)
    }
    return Tensor([output.rows, output.columns], output.values)
  }
}

/// The state of a batch of sequences in a decoder, from one position to the next.
public struct DecodingState: Sendable {
  public let batch: Int
  var layers: PassState
}
