/// The state that the positions of a batch of sequences leave for the positions that follow them. It is empty
/// before the first position.
///
/// Positions go through a model in groups: all at once in a full pass, those that follow a prefix, or a single
/// one while decoding. For each group, call ``begin(_:)``, then the layers in their order, then ``end()``. A
/// state is a value, so a copy develops independently.
struct PassState: Sendable {
  let batch: Int
  /// The number of positions of each sequence that are done, prepended meta tokens included.
  private(set) var position = 0
  /// The stream of the current positions before the first layer, [batch * length, hidden].
  private(set) var origin = Matrix(rows: 0, columns: 0)
  var layers: [LayerState]
  let rotary: RotaryTables

  /// The state before the first position.
  ///
  /// - Parameters:
  ///   - capacity: The most positions that the sequences will have, prepended meta tokens included.
  ///   - position: The number of positions that are done. The caller still has to put the state that they left
  ///     into ``layers``.
  init(_ architecture: Architecture, batch: Int, capacity: Int, position: Int = 0) {
    self.batch = batch
    self.position = position
    let windows = architecture.keyValueWindows
    self.layers = architecture.layers.enumerated().map { index, layer in
      guard let window = windows[index], let attention = architecture.attention(in: layer) else {
        return LayerState()
      }
      return LayerState(
        keyValues: KeyValueCache(
          batch: batch, pinned: architecture.metaTokens.prependedCount, window: window,
          keyWidth: attention.keyWidth, valueWidth: attention.valueWidth))
    }
    self.rotary = RotaryTables(architecture, length: capacity)
  }

  /// The number of positions of each sequence that are being computed now.
  var length: Int { origin.rows / batch }

  /// Begins the next positions.
  ///
  /// - Parameter origin: [batch * length, hidden], the stream of these positions before the first layer.
  mutating func begin(_ origin: Matrix) { self.origin = origin }

  /// Ends the current positions, once they went through all layers that use this state.
  mutating func end() {
    for index in layers.indices { layers[index].keyValues?.keepCurrent(from: position) }
    position += length
  }

  /// The state of a batch of `count` sequences, each with the state of this one's single sequence.
  func repeated(_ count: Int) -> PassState {
    var copy = PassState(self, batch: count)
    for index in copy.layers.indices { copy.layers[index] = copy.layers[index].repeated(count) }
    return copy
  }

  private init(_ other: PassState, batch: Int) {
    self.batch = batch
    self.position = other.position
    self.layers = other.layers
    self.rotary = other.rotary
  }
}

/// The state that one layer keeps from one position to the next.
struct LayerState: Sendable {
  /// The cache of keys and values; nil where the layer has no attention, or uses those of an earlier layer.
  var keyValues: KeyValueCache?
  /// The Mamba state; nil before the first position, and where the layer has no Mamba.
  var mamba: MambaState?

  /// The state of `count` sequences, each with the state of this one's single sequence.
  func repeated(_ count: Int) -> LayerState {
    LayerState(
      keyValues: keyValues.map { $0.repeated(count) }, mamba: mamba.map { $0.repeated(count) })
  }
}
