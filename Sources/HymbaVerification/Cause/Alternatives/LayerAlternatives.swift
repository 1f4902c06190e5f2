import HymbaModel

/// What may be meant otherwise in one layer, in the order in which it is tried.
struct LayerAlternatives {
  let all: [Alternative]
  /// The factors that are fitted where no alternative explains the difference.
  let fitted: [FittedFactor]

  /// - Parameter length: The positions of the input. A longer window changes nothing.
  init(
    _ index: Int, _ architecture: Architecture, _ inventory: ParameterInventory, length: Int
  ) {
    let layer = architecture.layers[index]
    let prefix = "layers.\(index)"
    let block =
      architecture.sharedUses.first { $0.layer == index }.flatMap { use in
        architecture.sharedBlock.map { ($0, $0.prefix(ofBlock: use.block)) }
      }
    var all: [Alternative] = []
    var fitted: [FittedFactor] = []
    if let attention = layer.attention ?? block?.0.attention {
      let isShared = layer.attention == nil
      let own = AttentionAlternatives(
        shape: attention, prefix: "\(isShared ? block?.1 ?? "" : prefix).attention",
        adapters: isShared && block?.0.adapters?.attention == true ? "\(prefix).adapter" : nil,
        hiddenSize: architecture.hiddenSize, length: length,
        others: architecture.layers.compactMap(\.attention).unique.filter { $0 != attention },
        hasMetaKeys: architecture.metaTokens.keyValueCount > 0,
        hasOutput: layer.mixer?.fusion != .meanOfNorms)
      all += own.all
      fitted += own.fitted
    }
    switch layer.stateSpace {
    case .mamba(let shape):
      let own = MambaAlternatives(
        shape: shape, prefix: "\(prefix).mamba", hasOutput: layer.mixer?.fusion != .meanOfNorms)
      all += own.all
      fitted += own.fitted
    case .mamba2(let shape):
      let own = Mamba2Alternatives(
        shape: shape, prefix: "\(prefix).mamba", hasOutput: layer.mixer?.fusion != .meanOfNorms)
      all += own.all
      fitted += own.fitted
    case nil: break
    }
    if layer.mixer?.fusion == .gated {
      let names = ["weight", "bias"].map { "\(prefix).fusion.gate_proj.\($0)" }
      let negate: @Sendable (Tensor) -> Tensor? = { tensor in tensor.mapped { -$0 } }
      all.append(
        Alternative(
          .gate, "the fusion's gate weighs attention, and not the Mamba",
          changing: Dictionary(uniqueKeysWithValues: names.map { ($0, negate) })))
    }
    var networks: [NetworkAlternatives] = []
    if let network = layer.feedForward.network {
      networks.append(
        NetworkAlternatives(shape: network, title: nil, prefixes: ["\(prefix).ffn"]) {
          $0.network = $1
        })
    }
    if let (block, prefix) = block, let network = block.feedForward.network {
      networks.append(
        NetworkAlternatives(shape: network, title: "the shared block", prefixes: ["\(prefix).ffn"])
        {
          $0.sharedNetwork = $1
        })
    }
    all += Self.activations(layer) + networks.flatMap(\.all)
    fitted += networks.flatMap(\.fitted)
    if let mixture = layer.feedForward.mixture {
      let own = MixtureAlternatives(shape: mixture, prefix: "\(prefix).ffn")
      all += own.all
      fitted += own.fitted
    }
    let whole = WholeAlternatives(
      architecture: architecture,
      parameters: inventory.filter { parameter in
        parameter.name.hasPrefix("\(prefix).")
          || block.map { parameter.name.hasPrefix("\($0.1).") } ?? false
      }, prefix: "\(prefix).", gatedEpsilon: layer.mamba2?.gatedNorm?.epsilon)
    self.all = all + whole.epsilons + whole.norms + whole.residuals + whole.transposes
    self.fitted = fitted + whole.fitted
  }

  /// The functions of a Mamba and of what follows it, which one option gives in some families.
  private static func activations(_ layer: Architecture.Layer) -> [Alternative] {
    guard let now = layer.mamba.map({ $0.activation ?? .silu }), now == layer.feedForward.activation
    else { return [] }
    return Architecture.Activation.likely.filter { $0 != now }.map { activation in
      Alternative(.activation, "hidden_act", is: activation.optionName) {
        $0.mamba?.activation = activation == .silu ? nil : activation
        $0.network?.activation = activation
        $0.mixture?.expert.activation = activation
      }
    }
  }
}
