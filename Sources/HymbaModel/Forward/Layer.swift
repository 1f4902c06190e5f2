/// The weights of one layer, and what they compute: one residual part after another, `x = x + part(x)`.
///
/// All positions of a full pass, those that follow a prefix, and a single one while decoding go the same way; what
/// earlier positions left is in the state.
struct Layer: Sendable {
  private let parts: [ResidualPart]

  /// Reads the layer's weights.
  ///
  /// - Parameters:
  ///   - sharedBlock: That of the model, which is read once for all layers.
  ///   - residentExperts: Bytes of experts that are kept in memory; the others are read when chosen.
  init(
    _ index: Int, _ architecture: Architecture, _ reader: ParameterReader,
    sharedBlock: SharedBlockLayer?, residentExperts: Int = 0
  ) throws {
    self.parts = try architecture.layers[index].parts.map { part in
      try ResidualPart(
        part, layer: index, architecture, reader, sharedBlock: sharedBlock,
        residentExperts: residentExperts)
    }
  }

  /// - Parameter h: [batch * length, hidden], of the positions that the state was told of
  /// - Returns: [batch * length, hidden]
  /// - Throws: what reading experts throws, and what `capture` throws.
  func callAsFunction(
    _ h: Matrix, _ state: inout PassState,
    capture: (Capture, Matrix) throws -> Void = { _, _ in }
  ) throws -> Matrix {
    var h = h
    for part in parts { h = h + (try part(h, &state, capture: capture)) }
    return h
  }

  /// Takes lanes through the layer, one part after another, so that its weights are read once for all of them.
  ///
  /// - Parameter capture: Is given what the first lane computes.
  /// - Throws: what reading experts throws, and what `capture` throws.
  func advance(_ lanes: inout Lanes, capture: (Capture, Matrix) throws -> Void) throws {
    for part in parts { try part.advance(&lanes, capture: capture) }
  }
}
