/// Consecutive layers that keep their weights in memory, as decoding uses them again and again.
struct LayerGroup: Sendable {
  private let layers: [Layer]

  /// Reads the weights of the layers of `range`.
  ///
  /// - Parameters:
  ///   - range: Layers that share keys and values only among themselves.
  ///   - sharedBlocks: The model's shared blocks.
  ///   - residentExperts: The most bytes of each layer's experts that stay in memory. The others are read when
  ///     they are chosen.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ range: Range<Int>, _ architecture: Architecture, _ reader: ParameterReader,
    sharedBlocks: SharedBlocks?, residentExperts: Int
  ) throws {
    self.layers = try range.map {
      try Layer(
        $0, architecture, reader, sharedBlocks: sharedBlocks, residentExperts: residentExperts)
    }
  }

  /// Computes the next positions of every sequence.
  ///
  /// - Parameters:
  ///   - h: [batch * length, hidden], the stream before the first of these layers.
  ///   - origin: [batch * length, hidden], the stream before the first layer of the model.
  ///   - state: The state before these positions. It becomes the state after them.
  /// - Returns: [batch * length, hidden]
  /// - Throws: The errors of reading experts that are not in memory.
  func callAsFunction(_ h: Matrix, origin: Matrix, _ state: inout PassState) throws -> Matrix {
    state.begin(origin)
    var h = h
    for layer in layers { h = try layer(h, &state) }
    state.end()
    return h
  }
}
