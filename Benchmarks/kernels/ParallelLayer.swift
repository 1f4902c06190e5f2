package import HymbaModel

/// A layer with attention beside Mamba: the one kind whose work the benchmarks count.
package struct ParallelLayer {
  package let attention: Architecture.Attention
  package let mamba: Architecture.StateSpace
  package let fusion: Architecture.Fusion

  /// The layers of a model in which every position passes once through every matrix.
  ///
  /// - Throws: ``NotMeasured`` for any other model.
  package static func layers(of architecture: Architecture) throws(NotMeasured) -> [ParallelLayer] {
    guard architecture.output != .lastHiddenState else { throw NotMeasured() }
    var layers: [ParallelLayer] = []
    for layer in architecture.layers {
      guard case .parallel(let attention, let mamba, let fusion) = layer.mixer,
        layer.feedForward.expertCount == 0
      else { throw NotMeasured() }
      layers.append(ParallelLayer(attention: attention, mamba: mamba, fusion: fusion))
    }
    return layers
  }
}
