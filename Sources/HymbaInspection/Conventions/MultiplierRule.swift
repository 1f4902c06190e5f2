import HymbaFormat
import HymbaModel

/// Whether factors that the configuration names were multiplied into the weights as well.
///
/// Two weights of one width that a model begins with at about the same size tell it: the embedding and the head,
/// keys and queries. Their sizes may differ, so that only factors from 8 on, or below 1/8, are judged.
enum MultiplierRule {
  /// The smallest ratio of factors that is seen in weights.
  private static let least = 8.0

  /// Whether the size of a parameter is needed.
  static func measures(_ parameter: Parameter, in architecture: Architecture) -> Bool {
    switch parameter.name {
    case "embed_tokens.weight", "lm_head.weight": ratioOfEnds(architecture) != nil
    default:
      ["attention.q_proj.weight", "attention.k_proj.weight"].contains {
        parameter.name.hasPrefix("layers.") && parameter.name.hasSuffix($0)
      } && parameter.layer(in: architecture).flatMap(keyMultiplier) != nil
    }
  }

  static func flags(
    _ parameters: [JudgedParameter], _ architecture: Architecture
  ) -> [FlaggedParameter] {
    ends(parameters, architecture) + keys(parameters)
  }

  // MARK: Embedding and head

  /// The factor of the embedding over that of the logits; nil where it is not judged.
  private static func ratioOfEnds(_ architecture: Architecture) -> Double? {
    guard architecture.output == .logits else { return nil }
    let own = architecture.multipliers
    let ratio = abs((own.embedding ?? 1) * (own.logitsDivisor ?? 1) / (own.logits ?? 1))
    return judged(ratio)
  }

  private static func ends(
    _ parameters: [JudgedParameter], _ architecture: Architecture
  ) -> [FlaggedParameter] {
    guard let factor = ratioOfEnds(architecture),
      let embedding = parameters.first(where: { $0.name == "embed_tokens.weight" }),
      let head = parameters.first(where: { $0.name == "lm_head.weight" }),
      let (above, below) = sizes(embedding, head)
    else { return [] }
    // Embeddings of variance 1 beside a head of variance 1 / hidden are a usual beginning.
    let natural = 2 * Double(architecture.hiddenSize).squareRoot()
    guard let severity = severity(above / below, factor, natural: natural) else { return [] }
    let flag = ValueFlag(
      .multipliers, severity,
      "the embedding is \((above / below).shortText) times as large as the head, as where the factors of the configuration, \(factor.shortText) between the two, were multiplied into the weights: the model multiplies with them again"
    )
    return [embedding, head].map { FlaggedParameter(name: $0.name, flag: flag) }
  }

  // MARK: Keys and queries

  private static func keyMultiplier(_ layer: Architecture.Layer) -> Double? {
    layer.attention?.keyMultiplier.flatMap { judged(abs($0)) }
  }

  private static func keys(_ parameters: [JudgedParameter]) -> [FlaggedParameter] {
    let byName = Dictionary(parameters.map { ($0.name, $0) }) { own, _ in own }
    let pairs = parameters.compactMap { key -> (key: JudgedParameter, ratio: Double, factor: Double)? in
      let suffix = "k_proj.weight"
      guard key.name.hasSuffix(suffix), let factor = key.layer.flatMap(keyMultiplier),
        let query = byName[key.name.dropLast(suffix.count) + "q_proj.weight"],
        let (above, below) = sizes(key, query)
      else { return nil }
      return (key, above / below, factor)
    }
    guard pairs.count > 1, pairs.mostly({ severity($0.ratio, $0.factor, natural: 4) != nil }),
      let ratio = pairs.map(\.ratio).median, let factor = pairs.map(\.factor).median
    else { return [] }
    let flag = ValueFlag(
      .multipliers, severity(ratio, factor, natural: 4) ?? .warning,
      "the keys are \(ratio.shortText) times as large as the queries, as where the key multiplier of the configuration, \(factor.shortText), was multiplied into the weights: the model multiplies with it again"
    )
    return pairs.map { FlaggedParameter(name: $0.key.name, flag: flag) }
  }

  // MARK: Both

  private static func judged(_ factor: Double) -> Double? {
    factor.isFinite && factor > 0 && (factor >= least || factor <= 1 / least) ? factor : nil
  }

  private static func sizes(_ first: JudgedParameter, _ second: JudgedParameter) -> (Double, Double)? {
    guard let own = first.figures.rootMeanSquare, let other = second.figures.rootMeanSquare,
      own > 0, other > 0, own.isFinite, other.isFinite
    else { return nil }
    return (own, other)
  }

  /// How far a ratio of sizes is towards a ratio of factors.
  ///
  /// - Parameter natural: The largest ratio, either way, that weights without the factors may have.
  /// - Returns: Nil where it is nearer to 1; an error where it is all the way.
  private static func severity(
    _ ratio: Double, _ factor: Double, natural: Double
  ) -> Finding.Severity? {
    // Factors below 1 are judged by their reciprocals.
    let (ratio, factor) = factor < 1 ? (1 / ratio, 1 / factor) : (ratio, factor)
    let way = logarithm(ratio) / logarithm(factor)
    guard ratio > natural, way > 2 / 3 else { return nil }
    return way >= 1 ? .error : .warning
  }
}
