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
  }
}

/// Collects the parameters of an architecture.
private struct InventoryBuilder {
  var parameters: [Parameter] = []

  mutating func add(_ architecture: Architecture) throws(FormatError) {
    let hidden = architecture.hiddenSize
    if case .features(let size) = architecture.input, size != hidden {
      try addLinear("input_projection", [hidden, size], bias: true, .input)
    }
    if case .prepended(let count) = architecture.metaTokens {
      try add("meta_tokens", [count, hidden], .metaTokens)
    }
    for (index, layer) in architecture.layers.enumerated() {
      try add(layer, "layers.\(index)", architecture)
    }
    try addNorm("final_norm", architecture)
  }

  private mutating func add(
    _ layer: Architecture.Layer, _ prefix: String, _ architecture: Architecture
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    try addNorm("\(prefix).norm", architecture)
    switch layer.mixer {
    case .parallel(let attention, let mamba, let fusion):
      try add(attention, "\(prefix).attention", architecture)
      try add(mamba, "\(prefix).mamba", hidden)
      switch fusion {
      case .gated:
        try addLinear("\(prefix).fusion.gate_proj", [hidden, hidden], bias: true, .fusion)
      }
    }
    switch layer.feedForward {
    case .gelu(let intermediate):
      try addNorm("\(prefix).ffn_norm", architecture)
      try addLinear("\(prefix).ffn.up_proj", [intermediate, hidden], bias: true, .feedForward)
      try addLinear("\(prefix).ffn.down_proj", [hidden, intermediate], bias: true, .feedForward)
    }
  }

  private mutating func add(
    _ attention: Architecture.Attention, _ prefix: String, _ architecture: Architecture
  ) throws(FormatError) {
    let hidden = architecture.hiddenSize
    let shapes: [(Architecture.Attention.Projection, [Int])] = [
      (.query, [attention.queryWidth, hidden]), (.key, [attention.keyWidth, hidden]),
      (.value, [attention.valueWidth, hidden]), (.output, [hidden, attention.outputWidth]),
    ]
    for (projection, shape) in shapes {
      try addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: attention.biases.contains(projection),
        .attention)
    }
    if case .keyValue(let count) = architecture.metaTokens {
      try add("\(prefix).meta_key", [count, attention.keyWidth], .metaTokens)
      try add("\(prefix).meta_value", [count, attention.valueWidth], .metaTokens)
    }
  }

  private mutating func add(
    _ mamba: Architecture.Mamba, _ prefix: String, _ hidden: Int
  ) throws(FormatError) {
    let (inner, state, rank) = (mamba.innerSize, mamba.stateSize, mamba.rank)
    let shapes: [(Architecture.Mamba.Projection, [Int])] = [
      (.input, [2 * inner, hidden]), (.convolution, [inner, mamba.convWidth]),
      (.selection, [rank + 2 * state, inner]), (.timeStep, [inner, rank]),
      (.output, [hidden, inner]),
    ]
    for (projection, shape) in shapes {
      try addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: mamba.biases.contains(projection), .mamba)
    }
    if mamba.skip { try add("\(prefix).D", [inner], .mamba) }
  }

  private mutating func addNorm(
    _ name: String, _ architecture: Architecture
  ) throws(FormatError) {
    try addLinear(name, [architecture.hiddenSize], bias: true, .norms)
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
