public import HymbaFormat

/// Computes the whole model on the CPU, in 32-bit arithmetic whatever the stored type. Memory holds the weights
/// of one layer while those of the next one are read. At most two experts are in memory at a
/// time. A shared block is read once for all layers.
public struct ForwardPass: Sendable {
  public let architecture: Architecture
  var reader: ParameterReader

  /// - Parameters:
  ///   - architecture: What the model is.
  ///   - parameters: The checkpoint, under the inventory's parameter names.
  ///   - jobs: The number of threads for matrix products and for decoding weights. At least one is used.
  public init(_ architecture: Architecture, parameters: any CheckpointSource, jobs: Int) {
    self.architecture = architecture
    self.reader = ParameterReader(source: parameters, jobs: max(1, jobs))
    // The pass's own threads share each product, so that they read and widen the weights as well.
    BLAS.setThreads(1)
  }

  /// The same pass with random rounding of the inputs and outputs of all products, of the routers'
  /// probabilities, and of the stream after each layer. Its difference from this pass shows how far rounding
  /// carries.
  package func roundingRandomly(seed: UInt64) -> ForwardPass {
    var pass = self
    pass.reader.rounding = RandomRounding(seed: seed)
    return pass
  }

  /// The same pass with another number of groups of channels in the gated norms of Mamba-2.
  ///
  /// - Parameter groups: A divisor of the inner size; nil for the architecture's own number.
  package func groupingNorms(by groups: Int?) -> ForwardPass {
    var pass = self
    pass.reader.gatedNormGroups = groups
    return pass
  }

  /// The same pass, which also gives ``Capture/attentionWeights(layer:head:)`` for one head.
  ///
  /// - Parameter head: A head that the architecture has; nil for none.
  package func keeping(_ head: AttentionHead?) -> ForwardPass {
    var pass = self
    pass.reader.keptHead = head
    return pass
  }

  /// Computes the model's output.
  ///
  /// - Parameters:
  ///   - input: Any batch and length above 0.
  ///   - steering: Decides the choice of experts where the routers do not.
  ///   - capture: As for ``run(_:beside:steering:capture:)``.
  /// - Returns: The hidden state of the last position [batch, hidden], logits [batch, seq, vocabulary], or for
  ///   a model without a head the last hidden states [batch, seq, hidden].
  /// - Throws: As ``run(_:beside:steering:capture:)``.
  @discardableResult
  public func run(
    _ input: InputBatch, steering: ExpertSteering = ExpertSteering(),
    capture: (Capture, Tensor) throws -> Void = { _, _ in }
  ) throws -> Tensor {
    try run(.together(input), steering: steering, capture: capture).output
  }

  /// Takes lanes through the model side by side. Every weight is read once; only an embedding that also serves
  /// as the head is read in part a second time.
  ///
  /// - Parameters:
  ///   - first: The lane that is computed as the model is defined, with meta tokens in front of every sequence.
  ///   - others: Lanes that begin behind the meta tokens, which are computed once for all of them.
  ///   - steering: Decides the choice of experts in the first lane where the routers do not.
  ///   - capture: Receives each intermediate result of the first lane in the order of computation, as [batch,
  ///     length, width]. Prepended meta positions are included, except in ``Capture/lastHiddenState``,
  ///     ``Capture/logits`` and ``Capture/output``. A stepwise first lane gives only these three.
  /// - Throws: ``ModelError/inputShape(found:expected:)``, ``ModelError/tokenOutside(_:vocabularySize:)``,
  ///   ``ModelError/inputBeyondMemory(_:byteCount:limit:)``, ``ModelError/noRoomForProducts(byteCount:)``,
  ///   ``ModelError`` for a parameter that is missing or has another shape or type, and the errors of the
  ///   source, of `steering` and of `capture`.
  @discardableResult
  public func run(
    _ first: Lane, beside others: [Lane] = [], steering: ExpertSteering = ExpertSteering(),
    capture: (Capture, Tensor) throws -> Void = { _, _ in }
  ) throws -> PassResult {
    let all = [first] + others
    for lane in all { try check(lane.input) }
    let batch = first.input.batch
    func keep(_ what: Capture, _ matrix: Matrix) throws {
      guard !first.isStepwise else { return }
      try capture(what, Tensor(matrix, batch: what.isOfFirstSequence ? 1 : batch))
    }
    func rounded(_ x: Matrix) -> Matrix { reader.rounding.map { $0(x) } ?? x }

    var lanes = try begin(all, steering)
    try keep(.hiddenStates(0), lanes.first)
    let sharedBlocks = try SharedBlocks(architecture, reader)
    // The next layer is read and decoded while this one computes.
    try reader.forEach(
      Array(architecture.layers.indices),
      make: { [architecture] index, reader in
        try Layer(index, architecture, reader, sharedBlocks: sharedBlocks)
      },
      { index, layer in
        try layer.advance(&lanes, capture: keep)
        lanes.map(rounded)
        try keep(.hiddenStates(index + 1), lanes.first)
      })
    let norm = try finalNorm()
    let states = zip(all, lanes.streams).enumerated().map { index, lane in
      lane.1.pieces.map { piece in
        let includesMeta = index == 0 && !first.isStepwise
        return rounded(
          includesMeta
            ? withoutMetaTokens(norm(piece), batch: lane.0.input.batch) : norm(piece))
      }.sequences(batch: lane.0.input.batch)
    }
    try capture(.lastHiddenState, states[0])
    return PassResult(
      output: try output(states[0], capture: capture), lastHiddenState: states[0],
      beside: Array(states.dropFirst()))
  }

  /// Checks that the model can be run on an input.
  ///
  /// - Throws: ``ModelError/inputShape(found:expected:)`` or ``ModelError/tokenOutside(_:vocabularySize:)`` for
  ///   an input that does not fit the model, ``ModelError/inputBeyondMemory(_:byteCount:limit:)``,
  ///   ``ModelError/noRoomForProducts(byteCount:)``.
  package func check(_ input: InputBatch) throws(ModelError) {
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
