import HymbaModel

/// Collects the captures of one layer and makes the layer's report of them.
struct LayerStatistics {
  /// The stream that enters the layer.
  private let stream: Tensor?
  private var gate: GateStatistics?
  private var attention: Tensor?
  private var mamba: Tensor?
  private var mambaGate: Tensor?
  private var attentionNormed: Tensor?
  private var mambaNormed: Tensor?
  private var shared: Tensor?
  private var router: Tensor?

  init(stream: Tensor? = nil) { self.stream = stream }

  /// - Parameters:
  ///   - use: The layer's use of a shared block; nil for none.
  ///   - chooser: The rule of the layer's router; nil for a layer without experts.
  ///   - output: The stream after the layer, [batch, length, hidden].
  func report(
    index: Int, _ layer: Architecture.Layer, use: Architecture.SharedUse?, _ chooser: ExpertChooser?,
    output: Tensor
  ) -> LayerReport {
    var report = LayerReport(
      index: index, outputShape: output.dimensions, mixer: LayerReport.Mixer(layer.mixer),
      streamRMS: output.rootMeanSquare, gate: gate, fusion: fusion)
    if let stream {
      if layer.mixer?.fusion == .sum, let attention, let mamba {
        report.branches = BranchStatistics(stream: stream, attention: attention, mamba: mamba)
      }
      if let added = added(by: layer, to: stream, giving: output) {
        report.residual = ResidualStatistics(stream: stream, mixer: added, shared: shared)
      }
    }
    report.sharedUse = use.map { LayerReport.SharedUse(block: $0.block, use: $0.use) }
    if let router, let chooser {
      report.router = RouterStatistics(router, chooser)
    }
    return report
  }

  /// What the layer's one mixer, or its feed forward alone, adds to the stream; nil for parallel branches.
  private func added(
    by layer: Architecture.Layer, to stream: Tensor, giving output: Tensor
  ) -> Tensor? {
    switch layer.mixer {
    case .parallel: nil
    case .attention, .mamba, .sharedThenMamba: attention ?? mamba
    case nil: Tensor(stream.dimensions, zip(output.values, stream.values).map(-))
    }
  }

  mutating func add(_ capture: Capture, _ tensor: Tensor) {
    switch capture {
    case .gate: gate = GateStatistics(tensor)
    case .attention: attention = tensor
    case .mamba: mamba = tensor
    case .mambaGate: mambaGate = tensor
    case .attentionNormed: attentionNormed = tensor
    case .mambaNormed: mambaNormed = tensor
    case .shared: shared = tensor
    case .router: router = tensor
    case .attentionWeights, .hiddenStates, .lastHiddenState, .logits, .output: break
    }
  }

  private var fusion: FusionStatistics? {
    guard let attention, let mamba, let mambaGate, let attentionNormed, let mambaNormed else {
      return nil
    }
    return FusionStatistics(
      attention: attention, mamba: mamba, attentionNormed: attentionNormed,
      mambaNormed: mambaNormed, gate: mambaGate)
  }
}
