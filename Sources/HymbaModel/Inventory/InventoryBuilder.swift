import HymbaFormat

/// Collects the parameters of an architecture.
struct InventoryBuilder {
  private(set) var parameters: [Parameter] = []

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
    if let block = architecture.sharedBlock { try add(block, architecture) }
    for (index, layer) in architecture.layers.enumerated() {
      try add(layer, "layers.\(index)", architecture)
    }
    try addNorm("final_norm", hidden, architecture, .norms)
    if architecture.output == .logits {
      try addLinear("lm_head", [architecture.input.size, hidden], bias: false, .output)
    }
  }

  /// The block reads the stream and what it began with side by side.
  private mutating func add(
    _ block: Architecture.SharedBlock, _ architecture: Architecture
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    try addNorm("shared.norm", 2 * hidden, architecture, .sharedBlock)
    try add(
      block.attention, "shared.attention", architecture, inputWidth: 2 * hidden, hasOutput: true,
      .sharedBlock)
    try addNorm("shared.ffn_norm", hidden, architecture, .sharedBlock)
    try add(block.feedForward, "shared.ffn", hidden, .sharedBlock)
  }

  private mutating func add(
    _ layer: Architecture.Layer, _ prefix: String, _ architecture: Architecture
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    if layer.usesSharedBlock {
      try addLinear("\(prefix).shared_proj", [hidden, hidden], bias: false, .sharedBlock)
    }
    try addNorm("\(prefix).norm", hidden, architecture, .norms)
    switch layer.mixer {
    case .parallel(let attention, let mamba, let fusion):
      // One output projection for both branches, or one for each.
      let projectsEach = fusion == .gated
      try add(
        attention, "\(prefix).attention", architecture, inputWidth: hidden,
        hasOutput: projectsEach, .attention)
      try add(mamba, "\(prefix).mamba", hidden, hasOutput: projectsEach)
      try add(fusion, attention, mamba, "\(prefix).fusion", hidden)
    case .attention(let attention):
      try add(
        attention, "\(prefix).attention", architecture, inputWidth: hidden, hasOutput: true,
        .attention)
    case .mamba(let mamba), .sharedThenMamba(let mamba):
      try add(mamba, "\(prefix).mamba", hidden, hasOutput: true)
    }
    if layer.feedForward == Architecture.FeedForward.none { return }
    try addNorm("\(prefix).ffn_norm", hidden, architecture, .norms)
    try add(layer.feedForward, "\(prefix).ffn", hidden, .feedForward)
  }

  private mutating func add(
    _ fusion: Architecture.Fusion, _ attention: Architecture.Attention,
    _ mamba: Architecture.Mamba, _ prefix: String, _ hidden: Int
  ) throws(FormatError) {
    switch fusion {
    case .gated: try addLinear("\(prefix).gate_proj", [hidden, hidden], bias: true, .fusion)
    case .meanOfNorms:
      try add("\(prefix).attention_norm.weight", [attention.outputWidth], .fusion)
      try add("\(prefix).mamba_norm.weight", [mamba.innerSize], .fusion)
      try addLinear(
        "\(prefix).out_proj", [hidden, mamba.innerSize], bias: mamba.biases.contains(.output),
        .fusion)
    }
  }

  private mutating func add(
    _ feedForward: Architecture.FeedForward, _ prefix: String, _ hidden: Int,
    _ part: Parameter.Part
  ) throws(FormatError) {
    switch feedForward {
    case .none: return
    case .experts(let count, _, let size, _):
      try addLinear("\(prefix).router", [count, hidden], bias: false, .experts)
      for expert in 0..<count {
        try addNetwork(
          "\(prefix).experts.\(expert)", hidden, size, hasGate: true, hasBias: false, .experts)
      }
    case .gelu(let size):
      try addNetwork(prefix, hidden, size, hasGate: false, hasBias: true, part)
    case .swiGLU(let size), .geGLU(let size), .reluSquared(let size), .gated(_, let size):
      try addNetwork(prefix, hidden, size, hasGate: feedForward.isGated, hasBias: false, part)
    }
  }

  private mutating func addNetwork(
    _ prefix: String, _ hidden: Int, _ intermediate: Int, hasGate: Bool, hasBias: Bool,
    _ part: Parameter.Part
  ) throws(FormatError) {
    try addLinear("\(prefix).up_proj", [intermediate, hidden], bias: hasBias, part)
    if hasGate {
      try addLinear("\(prefix).gate_proj", [intermediate, hidden], bias: hasBias, part)
    }
    try addLinear("\(prefix).down_proj", [hidden, intermediate], bias: hasBias, part)
  }

  private mutating func add(
    _ attention: Architecture.Attention, _ prefix: String, _ architecture: Architecture,
    inputWidth: Int, hasOutput: Bool, _ part: Parameter.Part
  ) throws(FormatError) {
    let hasKeys = attention.keyValueLayer == nil
    var shapes: [(Architecture.Attention.Projection, [Int])] = [
      (.query, [attention.queryWidth, inputWidth])
    ]
    if hasKeys {
      shapes.append((.key, [attention.keyWidth, inputWidth]))
      shapes.append((.value, [attention.valueWidth, inputWidth]))
    }
    if hasOutput { shapes.append((.output, [architecture.hiddenSize, attention.outputWidth])) }
    for (projection, shape) in shapes {
      try addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: attention.biases.contains(projection),
        part)
    }
    if let norm = attention.queryKeyNorm {
      func shape(_ heads: Int) -> [Int] {
        norm == .perHead ? [heads, attention.keyHeadSize] : [attention.keyHeadSize]
      }
      try add("\(prefix).q_norm.weight", shape(attention.heads), part)
      if hasKeys { try add("\(prefix).k_norm.weight", shape(attention.keyValueHeads), part) }
    }
    if case .keyValue(let count) = architecture.metaTokens {
      try add("\(prefix).meta_key", [count, attention.keyWidth], .metaTokens)
      try add("\(prefix).meta_value", [count, attention.valueWidth], .metaTokens)
    }
  }

  private mutating func add(
    _ mamba: Architecture.Mamba, _ prefix: String, _ hidden: Int, hasOutput: Bool
  ) throws(FormatError) {
    let (inner, state, rank) = (mamba.innerSize, mamba.stateSize, mamba.rank)
    func addLinear(
      _ projection: Architecture.Mamba.Projection, _ shape: [Int]
    ) throws(FormatError) {
      try self.addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: mamba.biases.contains(projection), .mamba)
    }
    try addLinear(.input, [2 * inner, hidden])
    try add("\(prefix).conv1d.weight", [inner, mamba.convWidth], .mamba)
    if mamba.biases.contains(.convolution) { try add("\(prefix).conv1d.bias", [inner], .mamba) }
    // Per head the rows dt, B, C, over the channels of that head.
    try addLinear(.selection, [mamba.heads * (rank + 2 * state), inner / max(1, mamba.heads)])
    try addLinear(.timeStep, [inner, rank])
    if hasOutput { try addLinear(.output, [hidden, inner]) }
    if mamba.innerNorms {
      try add("\(prefix).dt_norm.weight", [rank], .mamba)
      try add("\(prefix).B_norm.weight", [state], .mamba)
      try add("\(prefix).C_norm.weight", [state], .mamba)
    }
    if mamba.decay == .learned { try add("\(prefix).A_log", [inner, state], .mamba) }
    if mamba.skip { try add("\(prefix).D", [inner], .mamba) }
  }

  private mutating func addNorm(
    _ name: String, _ width: Int, _ architecture: Architecture, _ part: Parameter.Part
  ) throws(FormatError) {
    try add("\(name).weight", [width], part)
    if architecture.norm.kind == .layerNorm { try add("\(name).bias", [width], part) }
  }

  /// A projection, and a bias as long as its first dimension.
  private mutating func addLinear(
    _ name: String, _ shape: [Int], bias: Bool, _ part: Parameter.Part
  ) throws(FormatError) {
    try add("\(name).weight", shape, part, isProjection: true)
    if bias { try add("\(name).bias", Array(shape.prefix(1)), part) }
  }

  private mutating func add(
    _ name: String, _ shape: [Int], _ part: Parameter.Part, isProjection: Bool = false
  ) throws(FormatError) {
    parameters.append(
      Parameter(name: name, shape: try Shape(shape), part: part, isProjection: isProjection))
  }
}
