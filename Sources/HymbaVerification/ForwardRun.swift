import HymbaModel

/// One forward pass with all that was captured, in the order of computation.
struct ForwardRun {
  let order: [String]
  let tensors: [String: Tensor]
  /// By layer.
  let layers: [LayerReport]
  let output: Tensor

  /// - Parameter keep: Which captures to keep; statistics are made of all.
  init(
    _ pass: ForwardPass, _ input: InputBatch, keep: (String) -> Bool,
    onLayer: (Int) -> Void = { _ in }
  ) throws {
    var order: [String] = []
    var tensors: [String: Tensor] = [:]
    var layers: [LayerReport] = []
    var statistics = LayerStatistics()
    self.output = try pass.run(input) { capture, tensor in
      if capture.isRecorded {
        order.append(capture.name)
        if keep(capture.name) { tensors[capture.name] = tensor }
      }
      if case .hiddenStates(let index) = capture {
        guard index > 0 else { return }
        layers.append(
          LayerReport(
            index: index - 1, outputShape: tensor.dimensions, gate: statistics.gate,
            fusion: statistics.fusion))
        statistics = LayerStatistics()
        onLayer(index)
      } else {
        statistics.add(capture, tensor)
      }
    }
    self.order = order
    self.tensors = tensors
    self.layers = layers
  }
}

/// What the captures of one layer tell of its fusion.
private struct LayerStatistics {
  private(set) var gate: GateStatistics?
  private var attention: Tensor?
  private var mamba: Tensor?
  private var mambaGate: Tensor?
  private var attentionNormed: Tensor?
  private var mambaNormed: Tensor?

  mutating func add(_ capture: Capture, _ tensor: Tensor) {
    switch capture {
    case .gate: gate = GateStatistics(tensor)
    case .attention: attention = tensor
    case .mamba: mamba = tensor
    case .mambaGate: mambaGate = tensor
    case .attentionNormed: attentionNormed = tensor
    case .mambaNormed: mambaNormed = tensor
    case .hiddenStates, .lastHiddenState, .logits, .output: break
    }
  }

  var fusion: FusionStatistics? {
    guard let attention, let mamba, let mambaGate, let attentionNormed, let mambaNormed else {
      return nil
    }
    return FusionStatistics(
      attention: attention, mamba: mamba, attentionNormed: attentionNormed,
      mambaNormed: mambaNormed, gate: mambaGate)
  }
}
