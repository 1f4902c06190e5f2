package import HymbaFormat

extension Architecture.FeedForward: Component {
  package func addParameters(
    to inventory: inout InventoryBuilder, at place: ComponentPlace
  ) throws(FormatError) {
    try mixture?.addParameters(to: &inventory, at: place)
    try network?.addParameters(
      to: &inventory, place.prefix, input: place.inputWidth, output: place.hiddenSize,
      place.part ?? .feedForward)
  }

  /// The number of learned numbers in the experts that the router does not choose for a token.
  func idleCount(hiddenSize: Int) -> Int {
    guard let mixture else { return 0 }
    return (mixture.count - mixture.perToken)
      * mixture.expert.parameterCount(width: mixture.latentSize ?? hiddenSize)
  }

  package var sizes: [String: Int] {
    var sizes: [String: Int] = [:]
    sizes["intermediate"] = intermediateSize
    sizes["experts"] = mixture?.count
    sizes["shared_intermediate"] = mixture?.shared?.intermediateSize
    sizes["latent"] = mixture?.latentSize
    return sizes
  }

  package var activationCount: Int {
    let widths = [
      intermediateSize ?? 0, mixture?.shared?.intermediateSize ?? 0, mixture?.latentSize ?? 0,
    ]
    return 2 * (widths.max() ?? 0) + expertCount
  }

  package var summary: String { mixture?.summary ?? network?.summary ?? "none" }

  package func validate(_ path: String) throws(ModelError) {
    if case .experts = self {
      // Documents may say silu here, which is what stands where they say nothing.
      try mixture?.validate(path, expert: path)
      return
    }
    try mixture?.validate(path, expert: "\(path).expert")
    try network?.validate(path)
    let named = network.map(Self.of) ?? mixture.map(Self.of) ?? self
    guard named == self else {
      throw .option(path, found: caseName, expected: "\(named.caseName), which says the same")
    }
  }

  /// The name of the case in a document.
  private var caseName: String {
    switch self {
    case .none: "none"
    case .gelu: "gelu"
    case .swiGLU: "swiGLU"
    case .geGLU: "geGLU"
    case .reluSquared: "reluSquared"
    case .gated: "gated"
    case .experts: "experts"
    case .network: "network"
    case .mixture: "mixture"
    }
  }
}
