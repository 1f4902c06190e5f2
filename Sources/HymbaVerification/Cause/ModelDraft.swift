import HymbaModel

/// The description of one layer, and of what the whole model has, while an alternative changes them.
struct ModelDraft {
  var norm: Architecture.Norm
  var multipliers: Architecture.Multipliers
  var output: Architecture.Output
  var sharedBlock: Architecture.SharedBlock?
  /// The layer that is computed again; nil for the ends of the model.
  var layer: Architecture.Layer?

  init(_ architecture: Architecture, layer: Int?) {
    self.norm = architecture.norm
    self.multipliers = architecture.multipliers
    self.output = architecture.output
    self.sharedBlock = architecture.sharedBlock
    self.layer = layer.map { architecture.layers[$0] }
  }

  /// The architecture with these values.
  ///
  /// - Throws: ``ModelError/option(_:found:expected:)`` for a value that no model can have.
  func applied(to architecture: Architecture, layer index: Int?) throws(ModelError) -> Architecture
  {
    var layers = architecture.layers
    if let index, let layer { layers[index] = layer }
    return try Architecture(
      input: architecture.input, hiddenSize: architecture.hiddenSize, norm: norm,
      metaTokens: architecture.metaTokens, layers: layers, sharedBlock: sharedBlock, output: output,
      multipliers: multipliers)
  }
}

extension ModelDraft {
  /// The attention that the layer applies, its own or the shared block's.
  var attention: Architecture.Attention? {
    get { layer?.attention ?? (layer?.usesSharedBlock == true ? sharedBlock?.attention : nil) }
    set {
      guard let newValue else { return }
      switch layer?.mixer {
      case .parallel(_, let mamba, let fusion):
        layer?.mixer = .parallel(attention: newValue, mamba: mamba, fusion: fusion)
      case .attention: layer?.mixer = .attention(attention: newValue)
      case .sharedThenMamba: sharedBlock?.attention = newValue
      case .mamba, nil: break
      }
    }
  }

  /// The layer's state space branch.
  var stateSpace: Architecture.StateSpace? {
    get { layer?.stateSpace }
    set {
      guard let newValue else { return }
      switch layer?.mixer {
      case .parallel(let attention, _, let fusion):
        layer?.mixer = .parallel(attention: attention, mamba: newValue, fusion: fusion)
      case .mamba: layer?.mixer = .mamba(mamba: newValue)
      case .sharedThenMamba: layer?.mixer = .sharedThenMamba(mamba: newValue)
      case .attention, nil: break
      }
    }
  }

  var mamba: Architecture.Mamba? {
    get { stateSpace?.mamba }
    set { stateSpace = newValue.map { .mamba($0) } }
  }

  var mamba2: Architecture.Mamba2? {
    get { stateSpace?.mamba2 }
    set {
      // A description with no factor is written as none.
      var value = newValue
      if value?.multipliers == Architecture.Mamba2.Multipliers() { value?.multipliers = nil }
      stateSpace = value.map { .mamba2($0) }
    }
  }

  /// The layer's own feed-forward network.
  var network: Architecture.Network? {
    get { layer?.feedForward.network }
    set { if let newValue { layer?.feedForward = .of(newValue) } }
  }

  /// The feed-forward network of the shared block.
  var sharedNetwork: Architecture.Network? {
    get { sharedBlock?.feedForward.network }
    set { if let newValue { sharedBlock?.feedForward = .of(newValue) } }
  }

  /// The layer's mixture of experts.
  var mixture: Architecture.Mixture? {
    get { layer?.feedForward.mixture }
    set { if let newValue { layer?.feedForward = .of(newValue) } }
  }
}
