extension Architecture {
  /// The dimensions of a capture: [batch, length, width], with prepended meta positions where the capture has them,
  /// or [batch, width].
  ///
  /// - Parameter length: The positions of the input.
  /// - Returns: Nil for a capture that a forward pass of this model does not make.
  package func dimensions(of capture: Capture, batch: Int, length: Int) -> [Int]? {
    if let index = capture.layer, !layers.indices.contains(index) { return nil }
    let whole = metaTokens.prependedCount + length
    func rows(_ width: Int?) -> [Int]? { width.map { [batch, whole, $0] } }
    switch capture {
    case .hiddenStates(let index): return (0...layers.count).contains(index) ? rows(hiddenSize) : nil
    case .attention(let index):
      let layer = layers[index]
      return rows(
        layer.attention.map {
          layer.mixer?.projectsEachBranch ?? true ? hiddenSize : $0.outputWidth
        })
    case .mamba(let index):
      let layer = layers[index]
      return rows(
        layer.stateSpace.map { layer.mixer?.projectsEachBranch ?? true ? hiddenSize : $0.innerSize })
    case .gate(let index): return rows(layers[index].mixer?.fusion == .gated ? hiddenSize : nil)
    case .attentionNormed(let index), .mambaNormed(let index):
      let layer = layers[index]
      return rows(layer.mixer?.fusion == .meanOfNorms ? layer.stateSpace?.innerSize : nil)
    case .router(let index): return rows(layers[index].feedForward.mixture?.count)
    case .shared(let index): return rows(layers[index].usesSharedBlock ? hiddenSize : nil)
    case .mambaGate(let index): return rows(layers[index].stateSpace?.innerSize)
    // No reference holds them, and their width follows from what was asked for.
    case .attentionWeights: return nil
    case .lastHiddenState: return [batch, length, hiddenSize]
    case .logits: return output.isLogits ? outputDimensions(batch: batch, length: length) : nil
    case .output: return output == .lastHiddenState ? [batch, hiddenSize] : nil
    }
  }
}

extension Capture {
  /// The layer to which the capture belongs; nil for the stream and for the ends of the model.
  package var layer: Int? {
    switch self {
    case .attention(let layer), .mamba(let layer), .gate(let layer), .attentionNormed(let layer),
      .mambaNormed(let layer), .router(let layer), .shared(let layer), .mambaGate(let layer),
      .attentionWeights(let layer, _):
      layer
    case .hiddenStates, .logits, .lastHiddenState, .output: nil
    }
  }
}
