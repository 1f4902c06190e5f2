import HymbaFormat

extension Architecture {
  /// An upper bound of the memory that a forward pass takes for each position, in bytes, without the weights.
  /// It counts the residual stream, the activations of the largest layer, and one score for each token of the
  /// vocabulary.
  package var activationBytesPerPosition: Int {
    let widths = layers.map { layer in
      layer.components.reduce(0) { $0 + $1.component.activationCount }
    }
    let shared = sharedBlock.map {
      $0.attention.activationCount + $0.feedForward.activationCount + ($0.adapters?.rank ?? 0)
    }
    let scores = output.isLogits ? 2 * input.size : 0
    let values = 8 * hiddenSize + max((widths.max() ?? 0) + (shared ?? 0), scores)
    return values * MemoryLayout<Float>.size
  }

  /// Bytes of Mamba state that the largest layer keeps for one sequence.
  private var stateBytes: Int {
    let states = layers.map { layer in
      layer.components.reduce(0) { $0 + $1.component.stateCount }
    }
    return (states.max() ?? 0) * MemoryLayout<Float>.size
  }

  /// Checks that the activations and states for an input fit into the memory limit.
  ///
  /// - Parameter dimensions: The dimensions of an input: [batch, positions, …], or [positions] for one
  ///   sequence.
  /// - Throws: ``ModelError/inputBeyondMemory(_:byteCount:limit:)``.
  package func requireMemory(forInput dimensions: [Int]) throws(ModelError) {
    let leading = dimensions.prefix(2)
    let batch = leading.count == 2 ? leading[0] : 1
    let (length, more) = (leading.last ?? 0).addingReportingOverflow(metaTokens.prependedCount)
    let (positions, many) = length.multipliedReportingOverflow(by: max(1, batch))
    let (activations, much) = positions.multipliedReportingOverflow(by: activationBytesPerPosition)
    let (states, large) = max(1, batch).multipliedReportingOverflow(by: stateBytes)
    let bytes = more || many || much || large ? Int.max : max(activations, states)
    guard bytes <= Limits.matrixBytes else {
      throw .inputBeyondMemory(dimensions, byteCount: bytes, limit: Limits.matrixBytes)
    }
  }
}
