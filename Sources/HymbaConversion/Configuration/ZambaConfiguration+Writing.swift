import HymbaModel

/// The options that only Zyphra's `config.json` of a Zamba of the first version has.
struct DerivedZambaConfiguration: Encodable {
  let modelType = "zamba"
  let architectures = ["ZambaForCausalLM"]
  let hiddenAct: String
  let hiddenMambaAct = "silu"
  let nMambaHeads: Int
  let numAttentionHeads: Int
  let numKeyValueHeads: Int
  let attentionHeadDim: Int
  let attentionHiddenSize: Int
  let intermediateSize: Int
  let layersBlockType: [String]
  /// The kernels are of CUDA.
  let useMambaKernels = false

  init?(_ architecture: Architecture) {
    guard let block = architecture.sharedBlock, let mamba = architecture.layers.first?.mamba,
      let intermediateSize = block.feedForward.intermediateSize
    else { return nil }
    self.hiddenAct = if case .swiGLU = block.feedForward { "silu" } else { "gelu" }
    self.nMambaHeads = mamba.heads
    self.numAttentionHeads = block.attention.heads
    self.numKeyValueHeads = block.attention.keyValueHeads
    self.attentionHeadDim = block.attention.keyHeadSize
    self.attentionHiddenSize = 2 * architecture.hiddenSize
    self.intermediateSize = intermediateSize
    self.layersBlockType = architecture.layers.map { $0.usesSharedBlock ? "hybrid" : "mamba" }
  }
}
