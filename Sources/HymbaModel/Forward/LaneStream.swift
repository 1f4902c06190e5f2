/// The stream of one lane on its way through the layers, in the pieces in which its positions go: all together, or
/// one at a time.
///
/// All pieces go through a layer before the next layer begins. A layer that shares keys and values with an earlier
/// one is given those of each piece again.
struct LaneStream {
  /// Each [batch * length, hidden].
  private(set) var pieces: [Matrix]
  /// What the stream of each piece began with.
  private let origins: [Matrix]
  /// What the positions before the first piece left in the layers that are still to come.
  private var start: PassState
  /// By the layer that made them: keys and values of each piece, for later layers that share them.
  private var shared: [Int: [KeyValues?]] = [:]

  /// - Parameters:
  ///   - pieces: What the stream begins with, each [batch * length, hidden].
  ///   - start: The state before the first piece.
  init(_ pieces: [Matrix], from start: PassState) {
    self.pieces = pieces
    self.origins = pieces
    self.start = start
  }

  var batch: Int { start.batch }

  /// Lets the first piece follow positions that left `state` in a layer.
  ///
  /// - Parameter state: Of a single sequence, which every sequence of the lane begins with.
  mutating func follow(_ state: LayerState, in layer: Int) {
    start.layers[layer] = state.repeated(batch)
  }

  /// Takes every piece through the mixer of a layer.
  ///
  /// - Parameters:
  ///   - users: Which layers share keys and values.
  ///   - keepsState: Whether positions behind the last piece follow.
  ///   - part: Gives what is added to the stream, from the stream and the state before the piece.
  /// - Returns: What the pieces leave in the layer.
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

  /// Adds what a part gives for each piece.
  mutating func add(_ parts: ArraySlice<Matrix>) {
    for (index, part) in zip(pieces.indices, parts) { pieces[index] = pieces[index] + part }
  }

  mutating func map(_ body: (Matrix) throws -> Matrix) rethrows { pieces = try pieces.map(body) }
}

/// Which layers use the keys and values of earlier ones.
struct KeyValueUsers {
  private let producers: [Int?]
  /// By producing layer.
  private let lastUsers: [Int: Int]

  init(_ architecture: Architecture) {
    self.producers = architecture.layers.map { $0.attention?.keyValueLayer }
    var last: [Int: Int] = [:]
    for (layer, producer) in producers.enumerated() { if let producer { last[producer] = layer } }
    self.lastUsers = last
  }

  /// The layer whose keys and values a layer uses; nil if its own, or none.
  func producer(of layer: Int) -> Int? { producers[layer] }

  /// Whether later layers use those of `layer`.
  func isProducer(_ layer: Int) -> Bool { lastUsers[layer] != nil }

  /// The layers whose states nobody needs once `layer` is through.
  func released(after layer: Int) -> [Int] {
    let own = isProducer(layer) ? [] : [layer]
    return own + (producers[layer].map { lastUsers[$0] == layer ? [$0] : [] } ?? [])
  }
}
