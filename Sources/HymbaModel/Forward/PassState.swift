/// What the positions of a batch of sequences leave for those that follow them: nothing, before the first.
///
/// Positions go through a model together, some at a time: all of them in a full pass, those that follow a prefix,
/// or a single one while decoding. Each time is ``begin(_:)``, then the layers in their order, then ``end()``.
/// A state is a value: a copy of it goes on by itself.
struct PassState: Sendable {
  let batch: Int
  /// Positions of each sequence that are through, prepended meta tokens counted.
  private(set) var position = 0
  /// Of the positions that go through now, what the stream began with: [batch * length, hidden].
  private(set) var origin = Matrix(rows: 0, columns: 0)
  var layers: [LayerState]
  let rotary: RotaryTables

  /// The state before the first position.
  ///
  /// - Parameters:
  ///   - capacity: Positions that the sequences will have at most, prepended meta tokens counted.
  ///   - position: Positions that are through; what they left is still to be put into ``layers``.
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

  /// Positions of each sequence that go through now.
  var length: Int { origin.rows / batch }

  /// - Parameter origin: [batch * length, hidden], what the stream of the next positions begins with.
  mutating func begin(_ origin: Matrix) { self.origin = origin }

  /// The positions are through all layers that use this state.
  mutating func end() {
    for index in layers.indices { layers[index].keyValues?.keepCurrent(from: position) }
    position += length
  }

  /// The state of a batch of `count` sequences like this one's only one.
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

/// What one layer keeps from one position to the next.
struct LayerState: Sendable {
  /// Nil where the layer has no attention, or uses the keys and values of an earlier layer.
  var keyValues: KeyValueCache?
  /// Nil before the first position, and where the layer has no Mamba.
  var mamba: MambaState?

  /// The state of `count` sequences like this one's only one.
  func repeated(_ count: Int) -> LayerState {
    LayerState(
      keyValues: keyValues.map { $0.repeated(count) }, mamba: mamba.map { $0.repeated(count) })
  }
}
