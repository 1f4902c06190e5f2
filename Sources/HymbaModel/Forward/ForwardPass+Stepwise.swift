extension ForwardPass {
  /// The last hidden states as step-by-step decoding gives them: one position at a time, each layer
  /// knowing the past only by its caches (keys and values with eviction, convolution and scan states).
  ///
  /// The input is known, so layers need not wait for later ones: layers that share keys and values go
  /// through all positions together, then the next. That keeps few layers' weights in memory, and computes
  /// what decoding position by position through all layers computes.
  ///
  /// - Parameter positions: Positions of each sequence to decode, from the first on.
  /// - Returns: [batch, positions, hidden], after the final norm, without meta positions.
  /// - Throws: as ``run(_:capture:)``.
  public func runStepwise(_ input: InputBatch, positions: Int) throws -> Tensor {
    try check(input)
    let batch = input.batch
    let meta = architecture.metaTokens.prependedCount
    let length = meta + input.length
    let steps = meta + min(positions, input.length)
    let whole = try prepend(embed(input), batch: batch)
    // By position: [batch, hidden].
    var hidden = (0..<steps).map { step in whole.rows(of: step, batch: batch) }
    let origins = hidden
    let sharedBlock = try SharedBlockLayer(architecture, reader)
    for range in sharingGroups {
      let group = try LayerGroup(
        range, architecture, reader, sharedBlock: sharedBlock,
        residentExperts: Self.residentExperts)
      var state = PassState(architecture, batch: batch, capacity: length)
      for step in hidden.indices {
        hidden[step] = try group(hidden[step], origin: origins[step], &state)
      }
    }
    let norm = try finalNorm()
    let last = hidden.dropFirst(meta).map { norm($0) }
    var values: [Float] = []
    for sequence in 0..<batch {
      for step in last {
        values += step.values[sequence * step.columns..<(sequence + 1) * step.columns]
      }
    }
    return Tensor([batch, last.count, architecture.hiddenSize], values)
  }

  /// Bytes of a layer's experts that stay in memory from one position to the next: all of them where that is
  /// cheap, and a bound where a layer is larger than memory may be.
  private static let residentExperts = 128 << 20

  /// Whether ``runStepwise(_:positions:)`` reads experts again for every position, as some layer's are more
  /// than it keeps.
  public var readsExpertsStepwise: Bool {
    architecture.layers.enumerated().contains { index, layer in
      guard case .experts(let count, _, let size, _) = layer.feedForward else { return false }
      let bytes = ExpertsLayer.expertBytes(
        size, "layers.\(index).ffn", hiddenSize: architecture.hiddenSize, reader.source)
      return count > Self.residentExperts / bytes
    }
  }

  /// Consecutive layers such that keys and values are shared within a group only.
  private var sharingGroups: [Range<Int>] {
    var groups: [Range<Int>] = []
    for (index, layer) in architecture.layers.enumerated() {
      guard let producer = layer.attention?.keyValueLayer else {
        groups.append(index..<index + 1)
        continue
      }
      // Join this layer with all groups from the producer's on.
      let first = groups.first { $0.contains(producer) }?.lowerBound ?? index
      groups.removeAll { $0.upperBound > first }
      groups.append(first..<index + 1)
    }
    return groups
  }
}
