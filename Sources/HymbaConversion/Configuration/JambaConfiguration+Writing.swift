import HymbaModel

/// The options that only AI21's `config.json` of a Jamba has.
struct DerivedJambaConfiguration: Encodable {
  let modelType = "jamba"
  let architectures: [String]
  let hiddenAct: String
  // Without a layer of attention the class defaults do.
  let numAttentionHeads: Int?
  let numKeyValueHeads: Int?
  let headDim: Int?
  let intermediateSize: Int
  let numExperts: Int
  let numExpertsPerTok: Int
  let attnLayerPeriod: Int
  let attnLayerOffset: Int
  let expertLayerPeriod: Int
  let expertLayerOffset: Int
  /// The kernels are of CUDA.
  let useMambaKernels = false

  init?(_ architecture: Architecture) {
    let layers = architecture.layers
    let attention = layers.lazy.compactMap(\.attention).first
    guard let feedForward = layers.first?.feedForward,
      let intermediateSize = feedForward.intermediateSize,
      let activation = feedForward.activation.transformersName,
      let attends = Self.selection(layers.map { $0.attention != nil }),
      let hasExperts = Self.selection(layers.map { $0.feedForward.expertCount > 0 })
    else { return nil }
    self.architectures = [architecture.output == .hiddenStates ? "JambaModel" : "JambaForCausalLM"]
    self.hiddenAct = activation
    self.numAttentionHeads = attention?.heads
    self.numKeyValueHeads = attention?.keyValueHeads
    self.headDim = attention.flatMap {
      $0.queryWidth == architecture.hiddenSize ? nil : $0.keyHeadSize
    }
    self.intermediateSize = intermediateSize
    let experts = layers.lazy.compactMap { layer in
      if case .experts(let count, let perToken, _, _) = layer.feedForward {
        (count, perToken)
      } else {
        nil
      }
    }.first
    (self.numExperts, self.numExpertsPerTok) = experts ?? (1, 1)
    (self.attnLayerPeriod, self.attnLayerOffset) = attends
    (self.expertLayerPeriod, self.expertLayerOffset) = hasExperts
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
