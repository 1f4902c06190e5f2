import HymbaFormat

extension ForwardPass {
  /// - Throws: ``ModelError/inputBeyondMemory(positions:byteCount:limit:)`` for an input whose widest activation,
  ///   or whose states of one layer, do not fit into memory: a vocabulary is a number that a small file can give.
  func requireMemory(for input: InputBatch) throws(ModelError) {
    let positions = input.batch * (architecture.metaTokens.prependedCount + input.length)
    for (rows, width) in [
      (positions, architecture.widestActivation), (input.batch, architecture.largestState),
    ] {
      let (values, overflow) = rows.multipliedReportingOverflow(by: width)
      let bytes =
        overflow || values > Int.max / MemoryLayout<Float>.size
        ? Int.max : values * MemoryLayout<Float>.size
      guard bytes <= Limits.matrixBytes else {
        throw .inputBeyondMemory(
          positions: positions, byteCount: bytes, limit: Limits.matrixBytes)
      }
    }
  }
}

extension Architecture {
  /// Values of one position in the widest matrix of activations.
  fileprivate var widestActivation: Int {
    var widths = [2 * hiddenSize, output.isLogits ? input.size : 0]
    for layer in layers {
      if let attention = attention(in: layer) {
        widths += [attention.queryWidth, attention.outputWidth]
      }
      if let mamba = layer.mamba { widths += [mamba.innerSize, mamba.heads * mamba.stateSize] }
      widths += [layer.feedForward.intermediateSize ?? 0, layer.feedForward.expertCount]
    }
    widths.append(sharedBlock?.feedForward.intermediateSize ?? 0)
    return widths.max() ?? 0
  }

  /// Values that one layer's Mamba keeps of a sequence.
  fileprivate var largestState: Int {
    layers.compactMap(\.mamba).map { $0.innerSize * ($0.convWidth + $0.stateSize) }.max() ?? 0
  }
}
