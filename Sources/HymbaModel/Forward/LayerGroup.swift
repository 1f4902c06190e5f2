/// Layers with their weights, one after another, as decoding uses them again and again.
struct LayerGroup: Sendable {
  private let layers: [Layer]

  /// Reads the weights of the layers of `range`.
  ///
  /// - Parameters:
  ///   - range: Layers that share keys and values among themselves only.
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
  }

  /// The next positions of every sequence, as many as there are rows for each.
  ///
  /// - Parameters:
  ///   - h: [batch * length, hidden]
  ///   - origin: [batch * length, hidden], what the stream began with
  ///   - state: Before these positions; becomes that after the last.
  /// - Returns: [batch * length, hidden]
  /// - Throws: what reading experts throws that are not kept.
  func callAsFunction(_ h: Matrix, origin: Matrix, _ state: inout PassState) throws -> Matrix {
    state.begin(origin)
    var h = h
    for layer in layers { h = try layer(h, &state) }
    state.end()
    return h
  }
}
