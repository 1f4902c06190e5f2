extension Architecture {
  func validate(_ attention: Attention, _ path: String) throws(ModelError) {
    try require("\(path).heads", attention.heads)
    try require("\(path).keyValueHeads", attention.keyValueHeads)
    try require("\(path).keyHeadSize", attention.keyHeadSize)
    try require("\(path).valueHeadSize", attention.valueHeadSize)
    try require("\(path).heads * keyHeadSize", attention.queryWidth)
    try require("\(path).heads * valueHeadSize", attention.outputWidth)
    guard attention.heads % attention.keyValueHeads == 0 else {
      throw .option(
        "\(path).heads", found: "\(attention.heads)",
        expected: "a multiple of the \(attention.keyValueHeads) key/value heads")
    }
    if let scale = attention.scale {
      guard scale > 0, scale.isFinite else {
        throw .option("\(path).scale", found: "\(scale)", expected: "a positive number")
      }
    }
    if let window = attention.window, !(0...Self.largestSize).contains(window) {
      throw .option(
        "\(path).window", found: "\(window)",
        expected: "a whole number from 0 to \(Self.largestSize)")
    }
    if let rotary = attention.rotary { try validate(rotary, attention, path) }
  }

  private func validate(
    _ rotary: Attention.Rotary, _ attention: Attention, _ path: String
  ) throws(ModelError) {
    guard rotary.base > 0, rotary.base.isFinite else {
      throw .option("\(path).rotary.base", found: "\(rotary.base)", expected: "a positive number")
    }
    if let length = rotary.dynamicFrom { try require("\(path).rotary.dynamicFrom", length) }
    // The dynamic base has the exponent d / (d - 2).
    let isDynamic = rotary.dynamicFrom != nil
    guard attention.keyHeadSize % 2 == 0, !isDynamic || attention.keyHeadSize >= 4 else {
      throw .option(
        "\(path).keyHeadSize", found: "\(attention.keyHeadSize)",
        expected: "an even number\(isDynamic ? " from 4 on" : ""), for rotary positions")
    }
  }

  func validate(_ mamba: Mamba, _ path: String) throws(ModelError) {
    try require("\(path).innerSize", mamba.innerSize)
    try require("\(path).stateSize", mamba.stateSize)
    try require("\(path).rank", mamba.rank)
    try require("\(path).convWidth", mamba.convWidth)
    guard mamba.heads > 0, mamba.innerSize % mamba.heads == 0 else {
      throw .option(
        "\(path).heads", found: "\(mamba.heads)",
        expected: "a divisor of innerSize, \(mamba.innerSize)")
    }
    // Both factors are at most 2^25.
    let states = mamba.innerSize * (mamba.convWidth + mamba.stateSize)
    guard states <= Self.largestStateCount else {
      throw .option(
        "\(path).innerSize * (convWidth + stateSize)", found: "\(states)",
        expected: "at most \(Self.largestStateCount)")
    }
    if let clip = mamba.timeStepClip {
      guard clip.lower >= 0, clip.upper > clip.lower, clip.upper.isFinite else {
        throw .option(
          "\(path).timeStepClip", found: "\(clip.lower) to \(clip.upper)",
          expected: "an interval of positive numbers")
      }
    }
  }

  func validate(_ feedForward: FeedForward, _ path: String) throws(ModelError) {
    if let size = feedForward.intermediateSize { try require("\(path).intermediateSize", size) }
    if case .gated(let activation, let size) = feedForward,
      case let named = FeedForward.gatedUnit(activation, size), named != feedForward
    {
      throw .option(
        "\(path).gated.activation", found: activation.rawValue,
        expected:
          "another function, as this one has the name \(activation == .silu ? "swiGLU" : "geGLU")")
    }
    if case .experts(let count, let perToken, _, _) = feedForward {
      try require("\(path).count", count)
      guard (1...count).contains(perToken) else {
        throw .option(
          "\(path).perToken", found: "\(perToken)", expected: "1 to the \(count) experts")
      }
    }
  }
}
