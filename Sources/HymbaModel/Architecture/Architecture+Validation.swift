extension Architecture {
  /// The largest allowed value of any size. It is a hundred times the largest size in released hybrids, and
  /// small enough that no product of two sizes overflows.
  package static let largestSize = 1 << 24
  package static let largestLayerCount = 4096
  /// The largest number of experts in all layers together. Each expert has three parameters. The largest
  /// released mixtures have 23 thousand experts.
  static let largestExpertCount = 1 << 16
  /// The largest number of state values of one layer, which are in memory for each sequence. The largest
  /// released hybrids have four million.
  static let largestStateCount = 1 << 26
  /// The largest number of meta tokens, a hundred times what released models have. Every position attends to
  /// them, and they attend to each other, so the work grows with their number.
  static let largestMetaTokenCount = 1 << 14

  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  func validate() throws(ModelError) {
    try Self.require("input.size", input.size)
    try Self.require("hiddenSize", hiddenSize)
    guard norm.epsilon >= 0, Float(norm.epsilon).isFinite else {
      throw .option("norm.epsilon", found: "\(norm.epsilon)", expected: "a number from 0 on")
    }
    switch metaTokens {
    case .none: break
    case .keyValue(let count), .prepended(let count):
      guard (1...Self.largestMetaTokenCount).contains(count) else {
        throw .option(
          "metaTokens.count", found: "\(count)",
          expected: "a whole number from 1 to \(Self.largestMetaTokenCount)")
      }
    }
    guard (1...Self.largestLayerCount).contains(layers.count) else {
      throw .option(
        "layers", found: "\(layers.count)", expected: "1 to \(Self.largestLayerCount) layers")
    }
    if output.isLogits, case .features = input {
      throw .option(
        "output", found: output.rawValue,
        expected: "lastHiddenState or hiddenStates, as there are no tokens")
    }
    try multipliers.validate("multipliers")
    if multipliers.embedding != nil, case .features = input {
      throw .option(
        "multipliers.embedding", found: "a factor", expected: "none, as there are no tokens")
    }
    if multipliers.ofLogits != nil, !output.isLogits {
      throw .option(
        "multipliers.logits", found: "a factor", expected: "none, as there are no logits")
    }
    var experts = 0
    for (index, layer) in layers.enumerated() {
      try validate(layer, "layers.\(index)")
      try validateSharing(index)
      experts += layer.feedForward.expertCount
      guard experts <= Self.largestExpertCount else {
        throw .option(
          "layers.\(index).feedForward.count", found: "\(layer.feedForward.expertCount)",
          expected: "at most \(Self.largestExpertCount) experts in all layers together")
      }
    }
    try validateSharedBlock()
  }

  private func validate(_ layer: Layer, _ path: String) throws(ModelError) {
    if layer.parts.isEmpty {
      throw .option(path, found: "no mixer and no feed forward", expected: "at least one of them")
    }
    try layer.feedForward.validate("\(path).feedForward")
    for (name, component) in layer.mixer?.components ?? [] { try component.validate("\(path).\(name)") }
    if case .parallel(let attention, let mamba, .meanOfNorms) = layer.mixer,
      attention.outputWidth != mamba.innerSize
    {
      throw .option(
        "\(path).mamba.innerSize", found: "\(mamba.innerSize)",
        expected: "the \(attention.outputWidth) that the attention heads give together")
    }
  }

  /// Checks that there is a shared block exactly when a layer uses it, and that it computes its own keys and
  /// values.
  private func validateSharedBlock() throws(ModelError) {
    let user = layers.firstIndex { $0.usesSharedBlock }
    guard let block = sharedBlock else {
      guard let user else { return }
      throw .option("sharedBlock", found: "absent", expected: "a block, as layer \(user) uses it")
    }
    guard user != nil else {
      throw .option("sharedBlock", found: "a block", expected: "none, as no layer uses it")
    }
    try block.attention.validate("sharedBlock.attention")
    if let layer = block.attention.keyValueLayer {
      throw .option(
        "sharedBlock.attention.keyValueLayer", found: "\(layer)",
        expected: "none, as the block is in several layers")
    }
    try block.feedForward.validate("sharedBlock.feedForward")
    guard let network = block.feedForward.network else {
      throw .option(
        "sharedBlock.feedForward", found: block.feedForward.expertCount > 0 ? "experts" : "none",
        expected: "one network")
    }
    let uses = sharedUses.count
    if let count = block.count, !(1...uses).contains(count) {
      throw .option(
        "sharedBlock.count", found: "\(count)", expected: "1 to the \(uses) layers that use a block")
    }
    guard let adapters = block.adapters else { return }
    try Self.require("sharedBlock.adapters.rank", adapters.rank)
    if !network.isGated {
      throw .option(
        "sharedBlock.adapters", found: "adapters", expected: "none, as the network has no gate")
    }
  }

  /// Checks that a layer shares keys and values only with an earlier layer that computes its own, of the same
  /// shape.
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

  static func require(_ name: String, _ size: Int) throws(ModelError) {
    guard (1...largestSize).contains(size) else {
      throw .option(
        name, found: "\(size)", expected: "a whole number from 1 to \(largestSize)")
    }
  }
}
