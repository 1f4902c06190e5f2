import HymbaFormat
import HymbaModel

/// The options that only NVIDIA's `config.json` of a Hymba has, as its released ones have them.
struct DerivedNvidiaConfiguration: Encodable {
  let modelType = "hymba"
  let architectures = ["HymbaForCausalLM"]
  let numAttentionHeads: Int
  let numKeyValueHeads: Int
  let intermediateSize: Int
  let mlpHiddenAct: String
  let numMemoryTokens: Int
  let mambaInnerLayernorms: Bool
  @OrNull var slidingWindow: Int?
  /// Layers without the window.
  @OrNull var globalAttnIdx: [Int]?
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
  let attnImplementationNew = "flex"

  init?(_ architecture: Architecture) {
    guard let layer = architecture.layers.first, let attention = layer.attention,
      let mamba = layer.mamba, let intermediateSize = layer.feedForward.intermediateSize
    else { return nil }
    let attentions = architecture.layers.compactMap(\.attention)
    self.numAttentionHeads = attention.heads
    self.numKeyValueHeads = attention.keyValueHeads
    self.intermediateSize = intermediateSize
    self.mlpHiddenAct = if case .reluSquared = layer.feedForward { "relu2" } else { "silu" }
    self.numMemoryTokens = architecture.metaTokens.prependedCount
    self.mambaInnerLayernorms = mamba.innerNorms
    let window = attentions.lazy.compactMap(\.window).first
    let global = window == nil ? [] : attentions.indices.filter { attentions[$0].window == nil }
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
    self.slidingWindow = window
    self.globalAttnIdx = global.isEmpty ? nil : global
    self.kvReuseGroup = groups.isEmpty ? nil : groups.sorted { $0.key < $1.key }.map(\.value)
    self.origMaxPositionEmbeddings = attention.rotary?.dynamicFrom
  }
}
