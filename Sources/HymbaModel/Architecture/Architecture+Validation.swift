extension Architecture {
  /// Largest size of anything: a hundred times the largest released hybrid, small enough that no product
  /// of two sizes overflows.
  static let largestSize = 1 << 24
  static let largestLayerCount = 4096

  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  public func validate() throws(ModelError) {
    try require("input.size", input.size)
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
    if output != .lastHiddenState, case .features = input {
      throw .option(
        "output", found: output.rawValue, expected: "lastHiddenState, as there are no tokens")
    }
    for (index, layer) in layers.enumerated() {
      try validate(layer, "layers.\(index)")
      try validateSharing(index)
    }
  }

  private func validate(_ layer: Layer, _ path: String) throws(ModelError) {
    try require("\(path).feedForward.intermediateSize", layer.feedForward.intermediateSize)
    guard case .parallel(let attention, let mamba, let fusion) = layer.mixer else { return }
    if fusion == .meanOfNorms, attention.outputWidth != mamba.innerSize {
      throw .option(
        "\(path).mamba.innerSize", found: "\(mamba.innerSize)",
        expected: "the \(attention.outputWidth) that the attention heads give together")
    }
    try require("\(path).attention.heads", attention.heads)
    try require("\(path).attention.keyValueHeads", attention.keyValueHeads)
    try require("\(path).attention.keyHeadSize", attention.keyHeadSize)
    try require("\(path).attention.valueHeadSize", attention.valueHeadSize)
    guard attention.heads % attention.keyValueHeads == 0 else {
      throw .option(
        "\(path).attention.heads", found: "\(attention.heads)",
        expected: "a multiple of the \(attention.keyValueHeads) key/value heads")
    }
    if let window = attention.window { try require("\(path).attention.window", window) }
    if let rotary = attention.rotary {
      guard rotary.base > 0, rotary.base.isFinite else {
        throw .option(
          "\(path).attention.rotary.base", found: "\(rotary.base)", expected: "a positive number")
      }
      if let length = rotary.dynamicFrom {
        try require("\(path).attention.rotary.dynamicFrom", length)
      }
      guard attention.keyHeadSize % 2 == 0, rotary.dynamicFrom == nil || attention.keyHeadSize > 2
      else {
        throw .option(
          "\(path).attention.keyHeadSize", found: "\(attention.keyHeadSize)",
          expected: "an even number, for rotary positions")
      }
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

  /// Keys and values are shared with an earlier layer that has its own, of the same shape.
  private func validateSharing(_ index: Int) throws(ModelError) {
    guard let mine = layers[index].attention, let producer = mine.keyValueLayer else { return }
    let path = "layers.\(index).attention.keyValueLayer"
    guard (0..<index).contains(producer), let theirs = layers[producer].attention,
      theirs.keyValueLayer == nil, theirs.keyValueHeads == mine.keyValueHeads,
      theirs.keyHeadSize == mine.keyHeadSize, theirs.valueHeadSize == mine.valueHeadSize
    else {
      throw .option(
        path, found: "\(producer)",
        expected: "an earlier layer with keys and values of its own, of the same shape")
    }
    if metaTokens.keyValueCount > 0 {
      throw .option(
        path, found: "\(producer)", expected: "none, with meta tokens as keys and values")
    }
  }

  private func require(_ name: String, _ size: Int) throws(ModelError) {
    guard (1...Self.largestSize).contains(size) else {
      throw .option(
        name, found: "\(size)", expected: "a whole number from 1 to \(Self.largestSize)")
    }
  }
}
