import HymbaFormat

extension Architecture {
  /// A mixture of expert networks with a router, and perhaps a network that every position goes through beside
  /// them.
  ///
  /// Each position goes through `perToken` experts. Their results are added, each multiplied by its weight.
  public struct Mixture: Hashable, Sendable, Codable {
    public var count: Int
    public var perToken: Int
    /// Each of the experts.
    public var expert: Network
    public var router: Router
    /// The network beside the experts, whose result is added to theirs; nil for none.
    public var shared: Network?
    /// The width that the input of the experts is projected to, and that their sum is projected back from; nil
    /// where they have the hidden size. The router and the shared network always read the hidden size.
    public var latentSize: Int?

    public init(
      count: Int, perToken: Int, expert: Network, router: Router = Router(),
      shared: Network? = nil, latentSize: Int? = nil
    ) {
      self.count = count
      self.perToken = perToken
      self.expert = expert
      self.router = router
      self.shared = shared
      self.latentSize = latentSize
    }
  }

  /// How a mixture chooses and weighs its experts.
  public struct Router: Hashable, Sendable, Codable {
    /// What makes probabilities of the scores of all experts.
    public enum Scores: String, Sendable, Codable {
      case softmax
      /// Each score on its own.
      case sigmoid
    }
    public var scores: Scores
    /// Whether the weights of the chosen experts are divided by their sum.
    public var normalizes: Bool
    /// Whether a learned bias is added to the probabilities for choosing. The weights stay without it.
    public var hasBias: Bool
    /// The number of equal groups of neighbouring experts. A group's score is the sum of its two highest
    /// probabilities with their biases.
    public var groups: Int
    /// The number of groups with the highest scores, within which experts are chosen.
    public var keptGroups: Int
    /// The factor of the weights, after ``normalizes``; nil stands for 1.
    public var scale: Double?

    public init(
      scores: Scores = .softmax, normalizes: Bool = false, hasBias: Bool = false, groups: Int = 1,
      keptGroups: Int = 1, scale: Double? = nil
    ) {
      self.scores = scores
      self.normalizes = normalizes
      self.hasBias = hasBias
      self.groups = groups
      self.keptGroups = keptGroups
      self.scale = scale
    }
  }
}

extension Architecture.Router {
  /// A description for people: `sigmoid of the scores, chosen with a bias, weights normalised`.
  package var summary: String {
    var text = "\(scores.rawValue) of the scores"
    if hasBias { text += ", chosen with a bias" }
    if normalizes { text += ", weights normalised" }
    if let scale { text += ", times \(scale)" }
    return text
  }
}

extension Architecture.Mixture {
  func addParameters(
    to inventory: inout InventoryBuilder, at place: ComponentPlace
  ) throws(FormatError) {
    let (prefix, part) = (place.prefix, place.part ?? .experts)
    try inventory.addLinear("\(prefix).router", [count, place.inputWidth], bias: false, part)
    if router.hasBias { try inventory.add("\(prefix).router.bias", [count], part) }
    if let latentSize {
      try inventory.addLinear("\(prefix).latent_in", [latentSize, place.inputWidth], bias: false, part)
    }
    let width = latentSize ?? place.hiddenSize
    for index in 0..<count {
      try expert.addParameters(
        to: &inventory, "\(prefix).experts.\(index)", input: width, output: width, part)
    }
    if let latentSize {
      try inventory.addLinear("\(prefix).latent_out", [place.hiddenSize, latentSize], bias: false, part)
    }
    try shared?.addParameters(
      to: &inventory, "\(prefix).shared", input: place.inputWidth, output: place.hiddenSize,
      place.part ?? .feedForward)
  }

  var summary: String {
    let kind =
      if expert.isGated {
        expert.activation == .silu
          ? "SwiGLU experts" : "experts gated by \(expert.activation.rawValue)"
      } else {
        expert.activation == .reluSquared
          ? "squared ReLU experts" : "\(expert.activation.rawValue) experts"
      }
    var text = "\(perToken) of \(count) \(kind), \(expert.intermediateSize) each"
    if router.groups > 1 { text += ", from \(router.keptGroups) of \(router.groups) groups" }
    if let latentSize { text += ", latent \(latentSize)" }
    if let shared { text += ", and a shared one, \(shared.intermediateSize)" }
    return text
  }

  /// - Parameter expertPath: The place of the experts' description, for messages.
  func validate(_ path: String, expert expertPath: String) throws(ModelError) {
    try Architecture.require("\(path).count", count)
    guard (1...count).contains(perToken) else {
      throw .option("\(path).perToken", found: "\(perToken)", expected: "1 to the \(count) experts")
    }
    try expert.validate(expertPath)
    try shared?.validate("\(path).shared")
    if let latentSize { try Architecture.require("\(path).latentSize", latentSize) }
    guard router.groups > 0, count % router.groups == 0 else {
      throw .option(
        "\(path).router.groups", found: "\(router.groups)",
        expected: "a divisor of the \(count) experts")
    }
    guard (1...router.groups).contains(router.keptGroups) else {
      throw .option(
        "\(path).router.keptGroups", found: "\(router.keptGroups)",
        expected: "1 to the \(router.groups) groups")
    }
    let size = count / router.groups
    guard perToken <= router.keptGroups * size else {
      throw .option(
        "\(path).perToken", found: "\(perToken)",
        expected: "at most the \(router.keptGroups * size) experts of the groups that are kept")
    }
    try Architecture.requireFactors([("\(path).router.scale", router.scale)])
  }
}
