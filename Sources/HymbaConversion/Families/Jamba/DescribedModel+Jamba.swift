import HymbaModel

extension DescribedModel {
  /// The experts of the first layer that has them; nil without any.
  var experts: (count: Int, perToken: Int)? {
    architecture.layers.lazy.compactMap { layer in
      if case .experts(let count, let perToken, _, _) = layer.feedForward {
        (count, perToken)
      } else {
        nil
      }
    }.first
  }

  /// The period and the offset of the layers that are attention; nil when none choose them.
  var attentionLayers: (period: Int, offset: Int)? {
    Self.selection(architecture.layers.map { $0.attention != nil })
  }

  /// The period and the offset of the layers that have experts; nil when none choose them.
  var expertLayers: (period: Int, offset: Int)? {
    Self.selection(architecture.layers.map { $0.feedForward.expertCount > 0 })
  }

  /// The period and the offset that choose these layers; nil when none do. One layer alone, or none, is chosen by
  /// a period that has no second one.
  private static func selection(_ chosen: [Bool]) -> (period: Int, offset: Int)? {
    let indices = chosen.indices.filter { chosen[$0] }
    guard let first = indices.first else { return (chosen.count + 1, chosen.count) }
    let period = indices.count > 1 ? indices[1] - first : max(chosen.count, first + 1)
    guard chosen.indices.allSatisfy({ chosen[$0] == ($0 % period == first) }) else { return nil }
    return (period, first)
  }
}
