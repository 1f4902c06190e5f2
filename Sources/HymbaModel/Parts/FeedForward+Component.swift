package import HymbaFormat

extension Architecture.FeedForward: Component {
  package func addParameters(
    to inventory: inout InventoryBuilder, at place: ComponentPlace
  ) throws(FormatError) {
    switch self {
    case .none: return
    case .experts(let count, _, let size, _):
      let part = place.part ?? .experts
      try inventory.addLinear(
        "\(place.prefix).router", [count, place.inputWidth], bias: false, part)
      for expert in 0..<count {
        try addNetwork("\(place.prefix).experts.\(expert)", size, to: &inventory, place, part)
      }
    case .gelu(let size), .swiGLU(let size), .geGLU(let size), .reluSquared(let size),
      .gated(_, let size):
      try addNetwork(place.prefix, size, to: &inventory, place, place.part ?? .feedForward)
    }
  }

  private func addNetwork(
    _ prefix: String, _ size: Int, to inventory: inout InventoryBuilder, _ place: ComponentPlace,
    _ part: Parameter.Part
  ) throws(FormatError) {
    try inventory.addLinear("\(prefix).up_proj", [size, place.inputWidth], bias: hasBiases, part)
    if isGated {
      try inventory.addLinear(
        "\(prefix).gate_proj", [size, place.inputWidth], bias: hasBiases, part)
    }
    try inventory.addLinear("\(prefix).down_proj", [place.hiddenSize, size], bias: hasBiases, part)
  }

  /// The number of learned numbers in the experts that the router does not choose for a token.
  func idleCount(hiddenSize: Int) -> Int {
    guard case .experts(let count, let perToken, let size, _) = self else { return 0 }
    return (count - perToken) * 3 * size * hiddenSize
  }

  package var sizes: [String: Int] {
    var sizes: [String: Int] = [:]
    sizes["intermediate"] = intermediateSize
    if expertCount > 0 { sizes["experts"] = expertCount }
    return sizes
  }

  package var activationCount: Int { 2 * (intermediateSize ?? 0) + expertCount }

  package var summary: String {
    switch self {
    case .none: "none"
    case .gelu(let size): "GELU, \(size)"
    case .swiGLU(let size): "SwiGLU, \(size)"
    case .geGLU(let size): "GeGLU, \(size)"
    case .reluSquared(let size): "squared ReLU, \(size)"
    case .gated(let activation, let size): "gated by \(activation.rawValue), \(size)"
    case .experts(let count, let perToken, let size, let activation):
      "\(perToken) of \(count) \(activation.map { "experts gated by \($0.rawValue)" } ?? "SwiGLU experts"), \(size) each"
    }
  }

  package func validate(_ path: String) throws(ModelError) {
    if let size = intermediateSize { try Architecture.require("\(path).intermediateSize", size) }
    if case .gated(let activation, let size) = self,
      case let named = Self.gatedUnit(activation, size), named != self
    {
      throw .option(
        "\(path).gated.activation", found: activation.rawValue,
        expected:
          "another function, as this one has the name \(activation == .silu ? "swiGLU" : "geGLU")")
    }
    if case .experts(let count, let perToken, _, _) = self {
      try Architecture.require("\(path).count", count)
      guard (1...count).contains(perToken) else {
        throw .option(
          "\(path).perToken", found: "\(perToken)", expected: "1 to the \(count) experts")
      }
    }
  }
}
