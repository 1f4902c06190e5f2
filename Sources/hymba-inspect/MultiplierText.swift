import HymbaModel

/// The factors of a model, a layer or a shared block in one line, with the digits of the 32 bits with which the
/// pass computes. Factors of 1 are left out.
enum MultiplierText {
  /// - Returns: Nil where all factors are 1.
  static func of(_ multipliers: Architecture.Multipliers) -> String? {
    line([
      ("embedding", multipliers.embedding), ("what layers add", multipliers.residual),
      ("logits", multipliers.logits), ("logits divided by", multipliers.logitsDivisor),
    ])
  }

  /// - Returns: Nil where all factors are 1.
  static func of(_ layer: Architecture.Layer) -> String? {
    let mamba = layer.mamba2?.multipliers
    return line(
      factors(of: layer.attention) + [
        ("Mamba input", mamba?.input), ("z", mamba?.z), ("x", mamba?.x), ("B", mamba?.B),
        ("C", mamba?.C), ("time step", mamba?.timeStep), ("Mamba output", mamba?.output),
      ] + factors(of: layer.feedForward))
  }

  /// - Returns: Nil where all factors are 1.
  static func of(_ block: Architecture.SharedBlock) -> String? {
    line(factors(of: block.attention) + factors(of: block.feedForward))
  }

  private typealias Factor = (name: String, value: Double?)

  private static func factors(of attention: Architecture.Attention?) -> [Factor] {
    [
      ("attention input", attention?.inputMultiplier), ("keys", attention?.keyMultiplier),
      ("attention output", attention?.outputMultiplier),
    ]
  }

  private static func factors(of feedForward: Architecture.FeedForward) -> [Factor] {
    let networks: [(String, Architecture.Network?)] = [
      ("feed forward", feedForward.network), ("expert", feedForward.mixture?.expert),
      ("shared expert", feedForward.mixture?.shared),
    ]
    return networks.flatMap { name, network in
      [
        ("\(name) gate", network?.gateMultiplier), ("\(name) output", network?.outputMultiplier),
      ]
    }
  }

  private static func line(_ factors: [Factor]) -> String? {
    let parts = factors.compactMap { name, value in
      value.flatMap { $0 == 1 ? nil : "\(name) \(Float($0))" }
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
