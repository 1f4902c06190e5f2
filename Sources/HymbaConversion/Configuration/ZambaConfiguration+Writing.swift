import HymbaModel

/// The options that only Zyphra's `config.json` of a Zamba of the first version has.
struct DerivedZambaConfiguration: Encodable {
  let modelType = "zamba"
  let architectures: [String]
  let hiddenMambaAct: String
  let nMambaHeads: Int
  // Without a layer that uses the shared block the class defaults do.
  let hiddenAct: String?
  let numAttentionHeads: Int?
  let numKeyValueHeads: Int?
  let attentionHeadDim: Int?
  let attentionHiddenSize: Int?
  let intermediateSize: Int?
  let layersBlockType: [String]
  /// The kernels are of CUDA.
  let useMambaKernels = false

  init?(_ architecture: Architecture) {
    guard let mamba = architecture.layers.first?.mamba,
      let activation = (mamba.activation ?? .silu).transformersName
    else { return nil }
    let block = architecture.sharedBlock
    self.architectures = [architecture.output == .hiddenStates ? "ZambaModel" : "ZambaForCausalLM"]
    self.hiddenMambaAct = activation
    self.nMambaHeads = mamba.heads
    self.hiddenAct = block?.feedForward.activation.transformersName
    self.numAttentionHeads = block?.attention.heads
    self.numKeyValueHeads = block?.attention.keyValueHeads
    self.attentionHeadDim = block?.attention.keyHeadSize
    self.attentionHiddenSize = block.map { _ in 2 * architecture.hiddenSize }
    self.intermediateSize = block?.feedForward.intermediateSize
    self.layersBlockType = architecture.layers.map { $0.usesSharedBlock ? "hybrid" : "mamba" }
  }
}
