/// One layer on its own, from a stream that is given. It can be computed again and again, each time as another
/// pass describes it.
package struct LayerTrial: Sendable {
  private let layer: Int
  private let batch: Int
  private let stream: Matrix
  private let origin: Matrix
  /// The keys and values of an earlier layer that this one uses; nil where it uses its own, or none.
  private let shared: (producer: Int, keyValues: KeyValues)?

  /// - Parameters:
  ///   - pass: The model as it is. It computes the keys and values that the layer takes from an earlier one.
  ///   - stream: The stream before the layer, [batch, length, hidden], meta positions included.
  ///   - origin: The stream before the first layer, of the same shape, which a shared block reads; nil where the
  ///     layer applies none.
  ///   - producerStream: The stream before the layer whose keys and values this one uses; nil where it uses its
  ///     own, or none.
  /// - Throws: As ``ForwardPass/run(_:beside:steering:capture:)``.
  package init(
    _ pass: ForwardPass, layer: Int, stream: Tensor, origin: Tensor?, producerStream: Tensor?
  ) throws {
    self.layer = layer
    self.batch = stream.dimensions[0]
    self.stream = Matrix(stream)
    self.origin = Matrix(origin ?? stream)
    var shared: (producer: Int, keyValues: KeyValues)?
    if let producer = pass.architecture.layers[layer].attention?.keyValueLayer, let producerStream {
      let before = Matrix(producerStream)
      var state = PassState(
        pass.architecture, batch: batch, capacity: before.rows / max(1, batch))
      state.begin(self.origin)
      let made = try Layer(producer, pass.architecture, pass.reader, sharedBlocks: nil)
      _ = try made(before, &state)
      shared = state.layers[producer].keyValues?.current.map { (producer, $0) }
    }
    self.shared = shared
  }

  /// Computes the layer.
  ///
  /// - Parameters:
  ///   - pass: The model, perhaps with changes in this layer.
  ///   - capture: Receives the results of the layer up to the stream behind it, as [batch, length, width].
  /// - Throws: As ``ForwardPass/run(_:beside:steering:capture:)``.
  package func run(_ pass: ForwardPass, capture: (Capture, Tensor) throws -> Void) throws {
    let (architecture, reader) = (pass.architecture, pass.reader)
    var state = PassState(architecture, batch: batch, capacity: stream.rows / max(1, batch))
    state.begin(origin)
    if let (producer, keyValues) = shared { state.layers[producer].keyValues?.current = keyValues }
    let blocks =
      architecture.layers[layer].usesSharedBlock
      ? try SharedBlocks(architecture, reader, for: layer) : nil
    let result = try Layer(layer, architecture, reader, sharedBlocks: blocks)(stream, &state) {
      try capture($0, Tensor($1, batch: batch))
    }
    try capture(.hiddenStates(layer + 1), Tensor(result, batch: batch))
  }
}

extension Matrix {
  /// The rows of all sequences of a tensor [batch, length, width].
  fileprivate init(_ tensor: Tensor) {
    let width = tensor.dimensions.last ?? 0
    self.init(
      rows: width == 0 ? 0 : tensor.values.count / width, columns: width, values: tensor.values)
  }
}

extension ForwardPass {
  /// The stream before the first layer, [batch, meta tokens + length, hidden].
  ///
  /// - Throws: The errors of reading the embedding, the input projection or the meta tokens.
  package func firstStream(_ input: InputBatch) throws -> Tensor {
    Tensor(try begin([.together(input)], ExpertSteering()).first, batch: input.batch)
  }

  /// Computes what follows the last layer.
  ///
  /// - Parameters:
  ///   - stream: The stream behind the last layer, [batch, meta tokens + length, hidden].
  ///   - capture: Receives the last hidden states, and the logits or the output.
  /// - Throws: The errors of reading the final norm or the head, and the errors of `capture`.
  package func finish(_ stream: Tensor, capture: (Capture, Tensor) throws -> Void) throws {
    let batch = stream.dimensions[0]
    let states = Tensor(
      withoutMetaTokens(try finalNorm()(Matrix(stream)), batch: batch), batch: batch)
    try capture(.lastHiddenState, states)
    _ = try output(states, capture: capture)
  }
}
