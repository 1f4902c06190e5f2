/// The residual stream of one lane on its way through the layers. It consists of pieces: all positions
/// together, or one piece for each position.
///
/// All pieces go through a layer before the next layer begins. So the keys and values of each piece are kept
/// for later layers that share them.
struct LaneStream {
  /// The pieces of the stream, each [batch * length, hidden].
  private(set) var pieces: [Matrix]
  /// The stream of each piece before the first layer.
  private let origins: [Matrix]
  /// The state that the positions before the first piece left, in the layers that are still to come.
  private var start: PassState
  /// The keys and values of each piece, by the layer that computed them, for later layers that share them.
  private var shared: [Int: [KeyValues?]] = [:]

  /// - Parameters:
  ///   - pieces: The stream before the first layer, each piece [batch * length, hidden].
  ///   - start: The state before the first piece.
  init(_ pieces: [Matrix], from start: PassState) {
    self.pieces = pieces
    self.origins = pieces
    self.start = start
  }

  var batch: Int { start.batch }

  /// Sets the state that earlier positions left in a layer, which the first piece follows.
  ///
  /// - Parameter state: The state of a single sequence. Every sequence of the lane begins with it.
  mutating func follow(_ state: LayerState, in layer: Int) {
    start.layers[layer] = state.repeated(batch)
  }

  /// Takes every piece through the mixer of a layer.
  ///
  /// - Parameters:
  ///   - users: The layers that share keys and values.
  ///   - keepsState: Whether positions behind the last piece follow.
  ///   - part: Computes what is added to the stream, from the stream and the state before the piece.
  /// - Returns: The state that the pieces leave in the layer.
  @discardableResult
  mutating func mix(
    in layer: Int, _ users: KeyValueUsers, keepsState: Bool,
    _ part: (Matrix, inout PassState) throws -> Matrix
  ) rethrows -> LayerState {
    let (producer, isProducer) = (users.producer(of: layer), users.isProducer(layer))
    var state = start
    var made: [KeyValues?] = []
    for index in pieces.indices {
      state.begin(origins[index])
      if let producer { state.layers[producer].keyValues?.current = shared[producer]?[index] }
      pieces[index] = pieces[index] + (try part(pieces[index], &state))
      if isProducer { made.append(state.layers[layer].keyValues?.current) }
      if keepsState || index + 1 < pieces.count { state.end() }
    }
    if isProducer { shared[layer] = made }
    for done in users.released(after: layer) {
      shared[done] = nil
      start.layers[done] = LayerState()
    }
    return state.layers[layer]
  }

  /// Adds one matrix to each piece.
  mutating func add(_ parts: ArraySlice<Matrix>) {
    for (index, part) in zip(pieces.indices, parts) { pieces[index] = pieces[index] + part }
  }

  mutating func map(_ body: (Matrix) throws -> Matrix) rethrows { pieces = try pieces.map(body) }
}

/// The layers that use the keys and values of earlier layers.
struct KeyValueUsers {
  private let producers: [Int?]
  /// The last layer that uses the keys and values of each producing layer.
  private let lastUsers: [Int: Int]

  init(_ architecture: Architecture) {
    self.producers = architecture.layers.map { $0.attention?.keyValueLayer }
    var last: [Int: Int] = [:]
    for (layer, producer) in producers.enumerated() { if let producer { last[producer] = layer } }
    self.lastUsers = last
  }

  /// The earlier layer whose keys and values a layer uses. Nil if the layer uses its own, or none.
  func producer(of layer: Int) -> Int? { producers[layer] }

  /// Whether later layers use the keys and values of `layer`.
  func isProducer(_ layer: Int) -> Bool { lastUsers[layer] != nil }

  /// The layers whose states are not needed any more once `layer` is done.
  func released(after layer: Int) -> [Int] {
    let own = isProducer(layer) ? [] : [layer]
    return own + (producers[layer].map { lastUsers[$0] == layer ? [$0] : [] } ?? [])
  }
}
