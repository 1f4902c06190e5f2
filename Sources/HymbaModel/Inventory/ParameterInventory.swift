public import HymbaFormat

/// Every parameter that an architecture has, with its shape, in the order of computation.
public struct ParameterInventory: Sendable, RandomAccessCollection {
  private let parameters: [Parameter]
  private let positions: [String: Int]

  /// - Throws: ``FormatError/invalidShape(_:_:)`` for an architecture that was not validated.
  public init(_ architecture: Architecture) throws(FormatError) {
    var builder = InventoryBuilder()
    try builder.add(architecture)
    self.parameters = builder.parameters
    self.positions = Dictionary(
      uniqueKeysWithValues: builder.parameters.enumerated().map { ($1.name, $0) })
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { parameters.count }
  public subscript(position: Int) -> Parameter { parameters[position] }
  public subscript(name: String) -> Parameter? { positions[name].map { parameters[$0] } }

  /// The number of parameters in the other sense: of learned numbers.
  public var elementCount: Int { parameters.reduce(0) { $0 + $1.shape.elementCount } }
}

/// One parameter of the inventory.
public struct Parameter: Hashable, Sendable {
  public let name: String
  public let shape: Shape
  public let part: Part

  /// Parts of a model, for totals.
  public enum Part: String, Sendable, CaseIterable {
    case input
    case metaTokens = "meta tokens"
    case norms
    case attention
    case mamba
    case fusion
    case feedForward = "feed forward"
    case output
  }
}

/// Collects the parameters of an architecture.
private struct InventoryBuilder {
  var parameters: [Parameter] = []

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
    for (index, layer) in architecture.layers.enumerated() {
      try add(layer, "layers.\(index)", architecture)
    }
    try addNorm("final_norm", architecture)
    if architecture.output == .logits {
      try add("lm_head.weight", [architecture.input.size, hidden], .output)
    }
  }

  private mutating func add(
    _ layer: Architecture.Layer, _ prefix: String, _ architecture: Architecture
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    try addNorm("\(prefix).norm", architecture)
    switch layer.mixer {
    case .parallel(let attention, let mamba, let fusion):
      // One output projection for both branches, or one for each.
      let projectsEach = fusion == .gated
      try add(attention, "\(prefix).attention", architecture, hasOutput: projectsEach)
      try add(mamba, "\(prefix).mamba", hidden, hasOutput: projectsEach)
      switch fusion {
      case .gated:
        try addLinear("\(prefix).fusion.gate_proj", [hidden, hidden], bias: true, .fusion)
      case .meanOfNorms:
        try add("\(prefix).fusion.attention_norm.weight", [attention.outputWidth], .fusion)
        try add("\(prefix).fusion.mamba_norm.weight", [mamba.innerSize], .fusion)
        try addLinear(
          "\(prefix).fusion.out_proj", [hidden, mamba.innerSize],
          bias: mamba.biases.contains(.output), .fusion)
      }
    }
    try addNorm("\(prefix).ffn_norm", architecture)
    try add(layer.feedForward, "\(prefix).ffn", hidden)
  }

  private mutating func add(
    _ feedForward: Architecture.FeedForward, _ prefix: String, _ hidden: Int
  ) throws(FormatError) {
    let hasBias: Bool
    let hasGate: Bool
    switch feedForward {
    case .gelu: (hasBias, hasGate) = (true, false)
    case .swiGLU: (hasBias, hasGate) = (false, true)
    case .reluSquared: (hasBias, hasGate) = (false, false)
    }
    let intermediate = feedForward.intermediateSize
    try addLinear("\(prefix).up_proj", [intermediate, hidden], bias: hasBias, .feedForward)
    if hasGate {
      try addLinear("\(prefix).gate_proj", [intermediate, hidden], bias: hasBias, .feedForward)
    }
    try addLinear("\(prefix).down_proj", [hidden, intermediate], bias: hasBias, .feedForward)
  }

  private mutating func add(
    _ attention: Architecture.Attention, _ prefix: String, _ architecture: Architecture,
    hasOutput: Bool
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    let hasKeys = attention.keyValueLayer == nil
    var shapes: [(Architecture.Attention.Projection, [Int])] = [
      (.query, [attention.queryWidth, hidden])
    ]
    if hasKeys {
      shapes.append((.key, [attention.keyWidth, hidden]))
      shapes.append((.value, [attention.valueWidth, hidden]))
    }
    if hasOutput { shapes.append((.output, [hidden, attention.outputWidth])) }
    for (projection, shape) in shapes {
      try addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: attention.biases.contains(projection),
        .attention)
    }
    if let norm = attention.queryKeyNorm {
      func shape(_ heads: Int) -> [Int] {
        norm == .perHead ? [heads, attention.keyHeadSize] : [attention.keyHeadSize]
      }
      try add("\(prefix).q_norm.weight", shape(attention.heads), .attention)
      if hasKeys { try add("\(prefix).k_norm.weight", shape(attention.keyValueHeads), .attention) }
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
    var shapes: [(Architecture.Mamba.Projection, [Int])] = [
      (.input, [2 * inner, hidden]), (.convolution, [inner, mamba.convWidth]),
      (.selection, [rank + 2 * state, inner]), (.timeStep, [inner, rank]),
    ]
    if hasOutput { shapes.append((.output, [hidden, inner])) }
    for (projection, shape) in shapes {
      try addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: mamba.biases.contains(projection), .mamba)
    }
    if mamba.innerNorms {
      try add("\(prefix).dt_norm.weight", [rank], .mamba)
      try add("\(prefix).B_norm.weight", [state], .mamba)
      try add("\(prefix).C_norm.weight", [state], .mamba)
    }
    if mamba.decay == .learned { try add("\(prefix).A_log", [inner, state], .mamba) }
    if mamba.skip { try add("\(prefix).D", [inner], .mamba) }
  }

  private mutating func addNorm(
    _ name: String, _ architecture: Architecture
  ) throws(FormatError) {
    try addLinear(
      name, [architecture.hiddenSize], bias: architecture.norm.kind == .layerNorm, .norms)
  }

  /// A weight, and a bias as long as the weight's first dimension.
  private mutating func addLinear(
    _ name: String, _ shape: [Int], bias: Bool, _ part: Parameter.Part
  ) throws(FormatError) {
    try add("\(name).weight", shape, part)
    if bias { try add("\(name).bias", Array(shape.prefix(1)), part) }
  }

  private mutating func add(
    _ name: String, _ shape: [Int], _ part: Parameter.Part
  ) throws(FormatError) {
    parameters.append(Parameter(name: name, shape: try Shape(shape), part: part))
  }
}
