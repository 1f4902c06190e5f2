import HymbaFormat
import HymbaModel

/// The options that only NVIDIA's `config.json` of a Hymba has, as its released ones have them.
struct DerivedNvidiaConfiguration: Encodable {
  let modelType = "hymba"
  let architectures: [String]
  let numAttentionHeads: Int
  let numKeyValueHeads: Int
  let intermediateSize: Int
  let mlpHiddenAct: String
  let numMemoryTokens: Int
  let mambaInnerLayernorms: Bool
  @OrNull var slidingWindow: Int?
  /// Layers without the window. The original looks into it wherever there is a window, so it is never null.
  let globalAttnIdx: [Int]
  /// Each the layer whose keys and values the others use, then these.
  @OrNull var kvReuseGroup: [[Int]]?
  let kqNorm: String
  let rope: Bool
  let ropeType: String
  let ropeTheta: Double?
  @OrNull var origMaxPositionEmbeddings: Int?
  // What follows changes nothing that is computed here; the original reads it.
  let attnHiddenSize = -1
  let kqHeadDim = -1
  let vHeadDim: Int
  let convDim: [String: Int]
  let layerType: [String]
  let numMamba = 1
  /// Flex attention asks for meta tokens, and the other cannot mask them.
  let attnImplementationNew: String
  /// For how many tokens flex attention prepares its mask; it makes another for longer inputs.
  let seqLength = 8192

  init?(_ architecture: Architecture) {
    guard let layer = architecture.layers.first, let attention = layer.attention,
      let mamba = layer.mamba
    else { return nil }
    let attentions = architecture.layers.compactMap(\.attention)
    self.architectures = [architecture.output == .hiddenStates ? "HymbaModel" : "HymbaForCausalLM"]
    self.numAttentionHeads = attention.heads
    self.numKeyValueHeads = attention.keyValueHeads
    self.intermediateSize = layer.feedForward.intermediateSize ?? 0
    self.mlpHiddenAct = if case .reluSquared = layer.feedForward { "relu2" } else { "silu" }
    self.numMemoryTokens = architecture.metaTokens.prependedCount
    self.mambaInnerLayernorms = mamba.innerNorms
    let window = attentions.lazy.compactMap(\.window).first
    var groups: [Int: [Int]] = [:]
    for (index, attention) in attentions.enumerated() {
      if let producer = attention.keyValueLayer {
        groups[producer, default: [producer]].append(index)
      }
    }
    self.kqNorm =
      switch attention.queryKeyNorm {
      case nil: "none"
      case .shared?: "rms"
      case .perHead?: "perhead-rms"
      }
    self.rope = attention.rotary != nil
    self.ropeType = attention.rotary?.dynamicFrom == nil ? "default" : "dynamic_ntk"
    self.ropeTheta = attention.rotary?.base
    self.vHeadDim = attention.valueHeadSize
    self.convDim = Dictionary(
      uniqueKeysWithValues: attentions.indices.map { (String($0), mamba.innerSize) })
    self.layerType = attentions.map { _ in "h" }
    self.attnImplementationNew = architecture.metaTokens.prependedCount > 0 ? "flex" : "sdpa"
    self.slidingWindow = window
    self.globalAttnIdx =
      window == nil ? [] : attentions.indices.filter { attentions[$0].window == nil }
    self.kvReuseGroup = groups.isEmpty ? nil : groups.sorted { $0.key < $1.key }.map(\.value)
    self.origMaxPositionEmbeddings = attention.rotary?.dynamicFrom
  }
}
