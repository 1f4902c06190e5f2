import HymbaFormat

/// Collects the parameters of an architecture, in the order of computation.
package struct InventoryBuilder {
  private(set) var parameters: [Parameter] = []

  /// Adds all parameters of an architecture.
  ///
  /// - Throws: ``FormatError/invalidShape(_:_:)`` for a parameter with more numbers than can be counted.
  mutating func add(_ architecture: Architecture) throws(FormatError) {
    let hidden = architecture.hiddenSize
    switch architecture.input {
    case .features(let size):
      if size != hidden { try addLinear("input_projection", [hidden, size], bias: true, .input) }
    case .tokens(let size): try add("embed_tokens.weight", [size, hidden], .input)
    }
    if case .prepended(let count) = architecture.metaTokens {
      try add("meta_tokens", [count, hidden], .metaTokens)
    }
    if let block = architecture.sharedBlock {
      for index in 0..<(block.count ?? 1) {
        try add(block, block.prefix(ofBlock: index), architecture)
      }
    }
    for (index, layer) in architecture.layers.enumerated() {
      for part in layer.parts { try add(part, "layers.\(index)", architecture) }
    }
    try addNorm("final_norm", hidden, architecture, .norms)
    if architecture.output == .logits {
      try addLinear("lm_head", [architecture.input.size, hidden], bias: false, .output)
    }
  }

  /// Adds the shared block. Its input is the stream beside the stream before the first layer, so it is twice as
  /// wide.
  private mutating func add(
    _ block: Architecture.SharedBlock, _ prefix: String, _ architecture: Architecture
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    try addNorm("\(prefix).norm", 2 * hidden, architecture, .sharedBlock)
    try block.attention.addParameters(
      to: &self,
      at: ComponentPlace(
        "\(prefix).attention", in: architecture, inputWidth: 2 * hidden, part: .sharedBlock))
    try addNorm("\(prefix).ffn_norm", hidden, architecture, .sharedBlock)
    try block.feedForward.addParameters(
      to: &self, at: ComponentPlace("\(prefix).ffn", in: architecture, part: .sharedBlock))
  }

  /// Adds what a layer adds to the projections of the block that it uses.
  private mutating func add(
    _ adapters: Architecture.SharedBlock.Adapters, of block: Architecture.SharedBlock,
    _ prefix: String, _ hidden: Int
  ) throws(FormatError) {
    for adapter in adapters.projections(of: block, hiddenSize: hidden) {
      let name = "\(prefix).adapter.\(adapter.name)"
      try addLinear("\(name).down", [adapters.rank, adapter.input], bias: false, .sharedBlock)
      try addLinear("\(name).up", [adapter.output, adapters.rank], bias: false, .sharedBlock)
    }
  }

  private mutating func add(
    _ part: Architecture.Layer.Part, _ prefix: String, _ architecture: Architecture
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    if case .mixer(let mixer) = part, mixer.usesSharedBlock {
      if let block = architecture.sharedBlock, let adapters = block.adapters {
        try add(adapters, of: block, prefix, hidden)
      }
      try addLinear("\(prefix).shared_proj", [hidden, hidden], bias: false, .sharedBlock)
    }
    try addNorm("\(prefix).\(part.normName)", hidden, architecture, .norms)
    switch part {
    case .mixer(let mixer):
      for (name, branch) in mixer.components {
        try branch.addParameters(
          to: &self,
          at: ComponentPlace(
            "\(prefix).\(name)", in: architecture, hasOutput: mixer.projectsEachBranch))
      }
      if case .parallel(let attention, let mamba, let fusion) = mixer {
        try add(fusion, attention, mamba, "\(prefix).fusion", hidden)
      }
    case .network(let network):
      try network.addParameters(
        to: &self, "\(prefix).ffn", input: hidden, output: hidden, .feedForward)
    case .experts(let mixture):
      try mixture.addParameters(to: &self, at: ComponentPlace("\(prefix).ffn", in: architecture))
    }
  }

  private mutating func add(
    _ fusion: Architecture.Fusion, _ attention: Architecture.Attention,
    _ mamba: Architecture.StateSpace, _ prefix: String, _ hidden: Int
  ) throws(FormatError) {
    switch fusion {
    case .gated: try addLinear("\(prefix).gate_proj", [hidden, hidden], bias: true, .fusion)
    case .meanOfNorms:
      try add("\(prefix).attention_norm.weight", [attention.outputWidth], .fusion)
      try add("\(prefix).mamba_norm.weight", [mamba.innerSize], .fusion)
      try addLinear(
        "\(prefix).out_proj", [hidden, mamba.innerSize], bias: mamba.hasOutputBias,
        .fusion)
    case .sum: break
    }
  }

  private mutating func addNorm(
    _ name: String, _ width: Int, _ architecture: Architecture, _ part: Parameter.Part
  ) throws(FormatError) {
    try add("\(name).weight", [width], part)
    if architecture.norm.kind == .layerNorm { try add("\(name).bias", [width], part) }
  }

  /// Adds a projection, and if `bias` a bias with as many numbers as the first dimension of `shape`.
  mutating func addLinear(
    _ name: String, _ shape: [Int], bias: Bool, _ part: Parameter.Part
  ) throws(FormatError) {
    try add("\(name).weight", shape, part, isProjection: true)
    if bias { try add("\(name).bias", Array(shape.prefix(1)), part) }
  }

  mutating func add(
    _ name: String, _ shape: [Int], _ part: Parameter.Part, isProjection: Bool = false
  ) throws(FormatError) {
    parameters.append(
      Parameter(name: name, shape: try Shape(shape), part: part, isProjection: isProjection))
  }
}
