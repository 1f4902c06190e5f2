import HymbaModel

extension DescribedModel {
  /// The number of experts, and of experts for each token, in the first layer that has experts; nil where no
  /// layer has any.
  var experts: (count: Int, perToken: Int)? {
    architecture.layers.lazy.compactMap { layer in
      if case .experts(let count, let perToken, _, _) = layer.feedForward {
        (count, perToken)
      } else {
        nil
      }
    }.first
  }

  /// The period and the offset that choose the layers with attention; nil where no such pair exists.
  var attentionLayers: (period: Int, offset: Int)? {
    Self.selection(architecture.layers.map { $0.attention != nil })
  }

  /// The period and the offset that choose the layers with experts; nil where no such pair exists.
  var expertLayers: (period: Int, offset: Int)? {
    Self.selection(architecture.layers.map { $0.feedForward.expertCount > 0 })
  }

  /// The period and the offset that choose exactly these layers; nil where no such pair exists. For one layer,
  /// or for none, the period is so long that it chooses no other layer.
  static func selection(_ chosen: [Bool]) -> (period: Int, offset: Int)? {
    let indices = chosen.indices.filter { chosen[$0] }
    guard let first = indices.first else { return (chosen.count + 1, chosen.count) }
    let period = indices.count > 1 ? indices[1] - first : max(chosen.count, first + 1)
    guard chosen.indices.allSatisfy({ chosen[$0] == ($0 % period == first) }) else { return nil }
    return (period, first)
  }
}
