/// Layers with their weights that share keys and values among themselves only, as decoding uses them.
struct LayerGroup: Sendable {
  private let layers: [Layer]
  /// By layer: the layer of the group whose cache it uses.
  private let producers: [Int]
  private let emptyCaches: [KeyValueCache]

  /// Reads the weights of the layers of `range`.
  ///
  /// - Parameters:
  ///   - sharedBlock: That of the model.
  ///   - residentExperts: Bytes of each layer's experts that are kept; the others are read when chosen.
  init(
    _ range: Range<Int>, _ architecture: Architecture, _ reader: ParameterReader,
    sharedBlock: SharedBlockLayer?, residentExperts: Int
  ) throws {
    self.layers = try range.map {
      try Layer(
        $0, architecture, reader, sharedBlock: sharedBlock, residentExperts: residentExperts)
    }
    let producers = range.map { index in
      (architecture.layers[index].attention?.keyValueLayer ?? index) - range.lowerBound
    }
    self.producers = producers
    self.emptyCaches = range.map { index in
      let users = range.filter { producers[$0 - range.lowerBound] == index - range.lowerBound }
      let windows = users.map {
        architecture.attention(in: architecture.layers[$0])?.window
      }
      let attention = architecture.attention(in: architecture.layers[index])
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
  ///
  /// - Parameters:
  ///   - h: [batch, hidden]
  ///   - origin: [batch, hidden], what the stream began with
  /// - Returns: [batch, hidden]
  /// - Throws: what reading experts throws that are not kept.
  func step(_ h: Matrix, origin: Matrix, _ state: inout LayerGroupState) throws -> Matrix {
    var h = h
    for index in layers.indices {
      h = try layers[index].step(
        h, origin: origin, position: state.position, state: &state.layers[index],
        cache: &state.caches[producers[index]])
    }
    state.position += 1
    return h
  }

  /// All first positions of one sequence together: what as many steps would leave.
  ///
  /// - Parameters:
  ///   - origin: [length, hidden], where the stream begins
  ///   - state: The empty state of one sequence.
  /// - Returns: [length, hidden]
  func begin(_ origin: Matrix, _ state: inout LayerGroupState) throws -> Matrix {
    var h = origin
    var computed: [KeyValues?] = []
    for index in layers.indices {
      let producer = producers[index]
      let keyValues: KeyValues?
      (h, keyValues) = try layers[index].begin(
        h, origin: origin, state: &state.layers[index],
        shared: producer < index ? computed[producer] : nil)
      computed.append(keyValues)
      guard producer == index, let keyValues else { continue }
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
