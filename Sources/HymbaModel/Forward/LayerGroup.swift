/// Layers with their weights that share keys and values among themselves only, as decoding uses them.
struct LayerGroup: Sendable {
  private let layers: [ParallelLayer]
  /// By layer: the layer of the group whose cache it uses.
  private let producers: [Int]
  private let emptyCaches: [KeyValueCache]

  /// Reads the weights of the layers of `range`.
  init(_ range: Range<Int>, _ architecture: Architecture, _ reader: ParameterReader) throws {
    self.layers = try range.map { try ParallelLayer($0, architecture, reader) }
    let producers = range.map { index in
      (architecture.layers[index].attention?.keyValueLayer ?? index) - range.lowerBound
    }
    self.producers = producers
    self.emptyCaches = range.map { index in
      let users = range.filter { producers[$0 - range.lowerBound] == index - range.lowerBound }
      let windows = users.map { architecture.layers[$0].attention?.window }
      let attention = architecture.layers[index].attention
      return KeyValueCache(
        batch: 1, pinned: architecture.metaTokens.prependedCount,
        window: windows.contains { $0 == nil } ? nil : windows.compactMap { $0 }.max(),
        keyWidth: attention?.keyWidth ?? 0, valueWidth: attention?.valueWidth ?? 0)
    }
  }

  /// What the layers know before the first position of sequences of up to `length` positions.
  func emptyState(batch: Int, length: Int) -> LayerGroupState {
    LayerGroupState(
      layers: layers.map { $0.emptyState(batch: batch, length: length) },
      caches: emptyCaches.map { $0.repeated(batch) })
  }

  /// The next position of every sequence.
  /// - Parameter h: [batch, hidden]
  /// - Returns: [batch, hidden]
  func step(_ h: Matrix, _ state: inout LayerGroupState) -> Matrix {
    var h = h
    for index in layers.indices {
      h = layers[index].step(
        h, position: state.position, state: &state.layers[index],
        cache: &state.caches[producers[index]])
    }
    state.position += 1
    return h
  }

  /// All first positions of one sequence together: what as many steps would leave.
  ///
  /// - Parameters:
  ///   - h: [length, hidden]
  ///   - state: The empty state of one sequence.
  /// - Returns: [length, hidden]
  func begin(_ h: Matrix, _ state: inout LayerGroupState) -> Matrix {
    var h = h
    var computed: [KeyValues] = []
    for index in layers.indices {
      let producer = producers[index]
      let keyValues: KeyValues
      (h, keyValues) = layers[index].begin(
        h, state: &state.layers[index], shared: producer < index ? computed[producer] : nil)
      computed.append(keyValues)
      guard producer == index else { continue }
      for position in 0..<h.rows {
        state.caches[index].append(
          position: position,
          KeyValues(
            keys: keyValues.keys.rows(position..<position + 1),
            values: keyValues.values.rows(position..<position + 1)))
      }
    }
    state.position = h.rows
    return h
  }
}

/// What a group of layers keeps from one position to the next.
struct LayerGroupState: Sendable {
  var layers: [LayerState]
  var caches: [KeyValueCache]
  /// The next position, meta tokens counted.
  var position = 0

  /// The state of a batch of `count` sequences like this one's only one.
  func repeated(_ count: Int) -> LayerGroupState {
    var copy = self
    copy.layers = layers.map { $0.repeated(count) }
    copy.caches = caches.map { $0.repeated(count) }
    return copy
  }
}
