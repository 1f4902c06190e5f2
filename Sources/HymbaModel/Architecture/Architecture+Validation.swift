extension Architecture {
  /// Largest size of anything: a hundred times the largest released hybrid, small enough that no product
  /// of two sizes overflows.
  static let largestSize = 1 << 24
  static let largestLayerCount = 4096

  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  public func validate() throws(ModelError) {
    try require("input.features.size", input.size)
    try require("hiddenSize", hiddenSize)
    guard norm.epsilon > 0, norm.epsilon < 1 else {
      throw .option("norm.epsilon", found: "\(norm.epsilon)", expected: "a number between 0 and 1")
    }
    switch metaTokens {
    case .none: break
    case .keyValue(let count), .prepended(let count): try require("metaTokens.count", count)
    }
    guard (1...Self.largestLayerCount).contains(layers.count) else {
      throw .option(
        "layers", found: "\(layers.count)", expected: "1 to \(Self.largestLayerCount) layers")
    }
    for (index, layer) in layers.enumerated() { try validate(layer, "layers.\(index)") }
  }

  private func validate(_ layer: Layer, _ path: String) throws(ModelError) {
    if case .gelu(let size) = layer.feedForward {
      try require("\(path).feedForward.intermediateSize", size)
    }
    guard case .parallel(let attention, let mamba, _) = layer.mixer else { return }
    try require("\(path).attention.heads", attention.heads)
    try require("\(path).attention.keyValueHeads", attention.keyValueHeads)
    try require("\(path).attention.keyHeadSize", attention.keyHeadSize)
    try require("\(path).attention.valueHeadSize", attention.valueHeadSize)
    guard attention.heads % attention.keyValueHeads == 0 else {
      throw .option(
        "\(path).attention.heads", found: "\(attention.heads)",
        expected: "a multiple of the \(attention.keyValueHeads) key/value heads")
    }
    try require("\(path).mamba.innerSize", mamba.innerSize)
    try require("\(path).mamba.stateSize", mamba.stateSize)
    try require("\(path).mamba.rank", mamba.rank)
    try require("\(path).mamba.convWidth", mamba.convWidth)
    if let clip = mamba.timeStepClip {
      guard clip.lower >= 0, clip.upper > clip.lower, clip.upper.isFinite else {
        throw .option(
          "\(path).mamba.timeStepClip", found: "\(clip.lower) to \(clip.upper)",
          expected: "an interval of positive numbers")
      }
    }
  }

  private func require(_ name: String, _ size: Int) throws(ModelError) {
    guard (1...Self.largestSize).contains(size) else {
      throw .option(
        name, found: "\(size)", expected: "a whole number from 1 to \(Self.largestSize)")
    }
  }
}
