/// The weights of one layer and their computation: one residual part after another, `x = x + part(x)`.
///
/// A full pass, positions that follow a prefix and a single position of decoding all go the same way. The state
/// holds what earlier positions left.
struct Layer: Sendable {
  private let parts: [ResidualPart]

  /// Reads the layer's weights.
  ///
  /// - Parameters:
  ///   - sharedBlocks: The model's shared blocks, which are read once for all layers.
  ///   - residentExperts: The most bytes of experts that stay in memory. The other experts are read when they
  ///     are chosen.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ index: Int, _ architecture: Architecture, _ reader: ParameterReader,
    sharedBlocks: SharedBlocks?, residentExperts: Int = 0
  ) throws {
    self.parts = try architecture.layers[index].parts.map { part in
      try ResidualPart(
        part, layer: index, architecture, reader, sharedBlocks: sharedBlocks,
        residentExperts: residentExperts)
    }
  }

  /// Computes the layer for the next positions.
  ///
  /// - Parameter h: [batch * length, hidden], for the positions that ``PassState/begin(_:)`` announced.
  /// - Returns: [batch * length, hidden]
  /// - Throws: The errors of reading experts and of `capture`.
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
  /// - Parameter capture: Receives what the first lane computes.
  /// - Throws: The errors of reading experts, of the lanes' steering and of `capture`.
  func advance(_ lanes: inout Lanes, capture: (Capture, Matrix) throws -> Void) throws {
    for part in parts { try part.advance(&lanes, capture: capture) }
  }
}
